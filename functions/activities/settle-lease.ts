import { z } from "zod";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { keepLease, withoutHold } from "../../shared/leases/keep-lease.ts";
import { isOver, type Lease } from "../../shared/leases/lease.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Notes what has become of an isolation: that it is being released, that it is over, or that the run which holds it lets
 * go of it as it has no end any more. Safe to repeat.
 *
 * @param input.ending how it ended, in words
 * @param input.ofRun only the isolation of this run
 * @returns whether it is so now; `false` where somebody has changed it meanwhile
 */
export const settleLease = defineActivity({
  name: "settleLease",
  summary: "Notes that an isolation is being released, or is over.",
  effect: "write",
  calls: [],
  repeat: "sets",
  input: z.object({
    machineId: MachineId,
    to: z.enum(["releasing", "ended", "left"]),
    ending: z.string().optional(),
    ofRun: z.string().optional(),
  }),
  output: z.object({ settled: z.boolean() }),
  target: ({ machineId, to }) => `isolation of machine ${machineId}: ${to}`,
  pretend: () => ({ settled: true }),

  async perform({ machineId, to, ending, ofRun }, services, { runId }) {
    let settled = false;
    await services.leases.change(machineId, (before, now) => {
      const after = settledLease(before, { to, ending, ofRun, runId, now });
      settled = after !== undefined;
      return after ?? before;
    });
    // Whoever holds it is told that it is over.
    if (settled && to === "ended") await keepLease(services, machineId);
    return { settled };
  },
});

interface Settling {
  to: "releasing" | "ended" | "left";
  ending: string | undefined;
  ofRun: string | undefined;
  runId: string;
  now: Date;
}

/** The lease afterwards; nothing where it is not for this run to say. */
function settledLease(before: Lease | undefined, settling: Settling): Lease | undefined {
  const { to, ending = "ended", ofRun, runId, now } = settling;
  if (before === undefined || (ofRun !== undefined && before.runId !== ofRun)) return undefined;
  if (to === "ended") {
    return isOver(before) ? before : { ...before, state: "ended", ending, revision: before.revision + 1 };
  }
  if (isOver(before) || before.holdRunId !== runId) return undefined;
  if (to === "left") return before.until || before.state === "releasing" ? undefined : withoutHold(before);
  // Extended since the run has looked.
  const isDue = before.until !== undefined && Date.parse(before.until) <= now.getTime();
  if (before.state === "releasing") return before;
  return isDue ? { ...before, state: "releasing", releasingSince: now.toISOString() } : undefined;
}
