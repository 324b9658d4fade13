import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";

/** Ends a run where it stands. Safe to repeat: one that is over stays as it is. What it has asked of Defender goes on. */
export const endRun = defineActivity({
  name: "endRun",
  summary: "Ends a run where it stands.",
  effect: "write",
  calls: [],
  repeat: "sets",
  input: z.object({ runId: z.string().min(1), reason: z.string().min(1) }),
  output: z.object({ ended: z.boolean() }),
  pretend: () => ({ ended: true }),
  target: ({ runId }) => `run ${runId}`,

  async perform({ runId, reason }, { runs }) {
    await runs.cancel(runId, reason);
    return { ended: true };
  },
});
