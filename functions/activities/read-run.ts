import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";

/** What playbooks of this app give back: how it ended, and the same in words. */
export const RunOutcome = z.object({ outcome: z.string(), words: z.string() });

/**
 * Reads where a run stands, and how it ended.
 *
 * @returns no outcome while it is under way, or where it failed, was cancelled, or only pretended
 */
export const readRun = defineActivity({
  name: "readRun",
  summary: "Reads where a run stands, and how it ended.",
  effect: "read",
  calls: [],
  repeat: "reads",
  input: z.object({ runId: z.string().min(1) }),
  output: z.object({ state: z.enum(["absent", "under-way", "ended"]), outcome: RunOutcome.optional() }),

  async perform({ runId }, { runs }) {
    const { state, outcome } = await runs.look(runId);
    const ended = RunOutcome.safeParse(outcome).data;
    return { state, ...(ended && { outcome: ended }) };
  },
});
