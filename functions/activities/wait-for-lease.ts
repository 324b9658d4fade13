import { z } from "zod";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has the run told of the next change of a lease, or at once where one has come that it does not know of.
 *
 * Safe to repeat: a run waits once under each name, and what it is told it reads again.
 */
export const waitForLease = defineActivity({
  name: "waitForLease",
  summary: "Has the run told of the next change of a lease.",
  effect: "write",
  isBookkeeping: true,
  calls: [],
  repeat: "sets",
  input: z.object({ machineId: MachineId, event: z.string().min(1), revision: z.int() }),
  output: z.object({ waits: z.literal(true) }),

  async perform({ machineId, event, revision }, { leases, runs }, { runId }) {
    const lease = await leases.change(machineId, (now) => (now?.holdRunId === runId ? { ...now, event } : now));
    if (lease?.holdRunId !== runId || lease.revision !== revision) await runs.tell(runId, event, {});
    return { waits: true as const };
  },
});
