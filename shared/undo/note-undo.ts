import { isOwnAction, MachineAction } from "../defender/machine-actions/machine-action.ts";
import type { Activity } from "../playbook.ts";
import type { Services } from "../services.ts";

/**
 * Notes how to take back what a step has just done. Nothing is noted where nothing can be taken back, or where the step
 * found that somebody else had done it before. Safe to repeat.
 */
export async function noteUndo(
  activity: Activity,
  done: { input: unknown; result: unknown; runId: string },
  { undo }: Pick<Services, "undo">,
): Promise<void> {
  if (!activity.inverse || isOfOthers(done.result, done.runId)) return;
  const inverse = activity.inverse(done.input, activity.output.parse(done.result));
  if (inverse) {
    await undo.note({ runId: done.runId, activity: activity.name, at: new Date().toISOString(), inverse });
  }
}

/** Right after the request Defender may leave out the comment; then the request was this run's. */
function isOfOthers(result: unknown, runId: string): boolean {
  const action = MachineAction.safeParse(result).data;
  return Boolean(action?.requestorComment) && !isOwnAction(action as MachineAction, runId);
}
