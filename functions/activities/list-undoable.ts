import { z } from "zod";
import { defineActivity } from "../../shared/playbook.ts";
import { Undoable } from "../../shared/undo/undo-log.ts";

/** Something that was taken from a machine. */
const Taken = z.object({ activity: z.string(), machineId: z.string().optional() });

/** Lists what a run did that can be taken back, the last first, and all it has taken from machines, once each. */
export const listUndoable = defineActivity({
  name: "listUndoable",
  summary: "Lists what a run did, and what of it can be taken back.",
  effect: "read",
  calls: [],
  repeat: "reads",
  input: z.object({ runId: z.string().min(1) }),
  output: z.object({ done: z.array(Undoable), taken: z.array(Taken).default([]) }),

  async perform({ runId }, { undo, audit }) {
    const taken = (await audit.ofRun(runId))
      .filter(({ event, effect }) => event === "done" && effect === "contain")
      .map(({ activity, machineId }) => ({ activity, ...(machineId !== undefined && { machineId }) }));
    const once = new Map(taken.map((one) => [JSON.stringify(one), one]));
    return { done: await undo.ofRun(runId), taken: [...once.values()] };
  },
});
