import { describeFailure, isFinished, MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import type { Run, Steps } from "../../shared/playbook.ts";
import { AS_LONG_AS_DEFENDER_TRIES, followMachineAction } from "./follow-machine-action.ts";

/** Types of machine action that take something: what comes back as one of them was cancelled before it began. */
const TAKES = new Set(["Isolate", "RestrictCodeExecution"]);

/** Follows what takes something back to its end, where Defender carries it out later. */
export function* followUndo(run: Run, result: unknown): Steps<{ undone: boolean; words: string }> {
  const action = MachineAction.safeParse(result).data;
  if (!action?.type) return { undone: true, words: "undone" };
  if (TAKES.has(action.type)) return { undone: true, words: "undone, as it had not begun and was cancelled" };
  const seen = yield* followMachineAction(run, action, AS_LONG_AS_DEFENDER_TRIES);
  if (seen.status === "Succeeded") return { undone: true, words: "undone" };
  return isFinished(seen)
    ? { undone: false, words: `not undone, ${describeFailure(seen)}` }
    : { undone: false, words: `not confirmed, last seen as ${seen.status}` };
}
