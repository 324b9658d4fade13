import { z } from "zod";

/**
 * 40 hex digits, e.g. `1e5bc9d7e413ddd7902c2932e418702b84d0cc07`; machines onboarded long ago have 32.
 * Always an id, never a name: names repeat after a machine is reinstalled.
 */
export const MachineId = z
  .string()
  .toLowerCase()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{32})$/, "a machine id is 40 (older: 32) hex digits")
  .brand("MachineId");
export type MachineId = z.infer<typeof MachineId>;

/** The fields playbooks use; what the service adds is accepted and left out. @see https://learn.microsoft.com/en-us/defender-endpoint/api/machine */
export const Machine = z.object({
  id: MachineId,
  computerDnsName: z.string().nullish(),
  osPlatform: z.string().nullish(),
  healthStatus: z.string().nullish(),
  riskScore: z.string().nullish(),
  exposureLevel: z.string().nullish(),
  deviceValue: z.string().nullish(),
  lastSeen: z.string().nullish(),
  lastIpAddress: z.string().nullish(),
  rbacGroupName: z.string().nullish(),
  machineTags: z
    .array(z.string())
    .nullish()
    .transform((tags) => tags ?? []),
});
export type Machine = z.infer<typeof Machine>;

/** The name people know the machine by, or its id where it has none. */
export const machineLabel = (machine: Machine): string => machine.computerDnsName || machine.id;
