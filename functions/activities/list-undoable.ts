import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { Undoable } from "../../shared/undo/undo-log.ts";

/** Lists what a run did that can be taken back, the last first. */
export const listUndoable = defineActivity({
  name: "listUndoable",
  summary: "Lists what a run did that can be taken back.",
  effect: "read",
  calls: [],
  repeat: "reads",
  input: z.object({ runId: z.string().min(1) }),
  output: z.object({ done: z.array(Undoable) }),
  perform: async ({ runId }, { undo }) => ({ done: await undo.ofRun(runId) }),
});
