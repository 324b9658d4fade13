import { z } from "zod";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { Lease } from "../../shared/leases/lease.ts";
import { defineActivity } from "../../shared/playbook.ts";

/** Reads until when a machine is to stay isolated. @returns `null` where this app has never isolated it */
export const readLease = defineActivity({
  name: "readLease",
  summary: "Reads until when a machine is to stay isolated.",
  effect: "read",
  calls: [],
  repeat: "reads",
  input: z.object({ machineId: MachineId }),
  output: Lease.nullable(),
  perform: async ({ machineId }, { leases }) => (await leases.get(machineId)) ?? null,
});
