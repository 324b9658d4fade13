import { z } from "zod";
import { MachineId } from "./machine.ts";

/**
 * A machine as the lists of vulnerability management name it.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machines-by-software
 */
export const MachineReference = z.looseObject({
  id: MachineId,
  computerDnsName: z.string().nullish(),
  osPlatform: z.string().nullish(),
  rbacGroupName: z.string().nullish(),
});
export type MachineReference = z.infer<typeof MachineReference>;
