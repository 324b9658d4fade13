import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { undoRunId } from "../../shared/runs/run-id.ts";

/**
 * Starts the run that takes back what another run did. Safe to repeat: a run is undone once, whoever asks for it and by
 * whatever way; the run that does so already is returned.
 *
 * @returns the run that takes it back; none where it is only pretended
 */
export const startUndo = defineActivity({
  name: "startUndo",
  summary: "Starts the run that takes back what another run did.",
  effect: "write",
  calls: [],
  repeat: "adopts",
  input: z.object({ runId: z.string().min(1) }),
  output: z.object({ undoRunId: z.string().optional() }),
  pretend: () => ({}),
  target: ({ runId }) => `run ${runId}`,

  async perform({ runId }, { runs }, { mode = "act" }) {
    const undoId = undoRunId(runId);
    await runs.startOnce("undo-run", undoId, { runId }, { mode });
    return { undoRunId: undoId };
  },
});
