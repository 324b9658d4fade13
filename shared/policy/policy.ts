import { z } from "zod";
import { MachineId } from "../defender/machines/machine.ts";

/** `config/policy.yaml`: what may be done to which machines. */
export const Policy = z.strictObject({
  criticalAssets: z
    .strictObject({
      /** Machine tags, compared without regard to case. */
      tags: z.array(z.string().trim().min(1)).default([]),
      /** Machine ids, for the few that carry no tag. */
      machineIds: z.array(MachineId).default([]),
    })
    .prefault({}),
});
export type Policy = z.infer<typeof Policy>;
