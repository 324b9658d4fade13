import { z } from "zod";
import type { MachineId } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { isOver } from "../../shared/leases/lease.ts";
import { type Activity, attempt, definePlaybook, type Run, type Steps } from "../../shared/playbook.ts";
import type { Undoable } from "../../shared/undo/undo-log.ts";
import { listUndoable } from "../activities/list-undoable.ts";
import { readLease } from "../activities/read-lease.ts";
import { releaseMachine } from "../activities/release-machine.ts";
import { settleLease } from "../activities/settle-lease.ts";
import { noteOnTicket } from "./containment.ts";
import { followUndo } from "./follow-undo.ts";
import { tellOfIsolation } from "./tell-of-isolation.ts";

const withoutStop = (sentence: string): string => sentence.replace(/\.$/, "");

/**
 * Takes back what a run did, the last first, under the same policy. Each is attempted, also where another one failed, and
 * the ticket of the run says what came of all of them, and what stays. Whom an isolation concerned is told that it is
 * over. What the run only found done by others is left as it is.
 *
 * @param activities which of them there are
 */
export const undoRunWith = (activities: readonly Activity[]) => {
  const byName = new Map(activities.map((activity) => [activity.name, activity]));

  return definePlaybook({
    name: "undo-run",
    version: 2,
    summary: "Takes back what a run did, the last first.",
    input: z.object({ runId: z.string().min(1).max(100).describe("The run whose doings are taken back") }),

    *steps(run, { runId }) {
      const { done, taken } = yield* run.step(listUndoable, { runId });
      const undone: { activity: string; undone: boolean; words: string }[] = [];
      for (const one of done) undone.push({ activity: one.activity, ...(yield* takeBack(run, one)) });
      for (const { activity, machineId } of taken) {
        const why = byName.get(activity)?.noInverse;
        const where = machineId ? ` on ${machineId}` : "";
        if (why) undone.push({ activity: `${activity}${where}`, undone: false, words: `stays. ${withoutStop(why)}` });
      }
      const words =
        undone.length === 0
          ? "Nothing of this run can be taken back."
          : `Undo, the last first: ${undone.map(({ activity, words }) => `${activity}: ${words}`).join("; ")}.`;
      run.report(words);
      yield* noteOnTicket(run, "undone", words, runId);
      const outcome = undone.every((one) => one.undone) ? "undone" : "not-all-undone";
      return { outcome, words, undone };
    },
  });

  function* takeBack(run: Run, { inverse, runId }: Undoable): Steps<{ undone: boolean; words: string }> {
    const activity = byName.get(inverse.activity);
    if (!activity) return { undone: false, words: `there is no ${inverse.activity} any more` };
    run.report(`${inverse.activity} …`);
    const result = yield* attempt(run.step(activity, inverse.input));
    if (result instanceof StepFailed) return { undone: false, words: `not undone, ${result.reason}` };
    const came = yield* followUndo(run, result);
    if (came.undone && activity.name === releaseMachine.name) {
      const { machineId } = releaseMachine.input.parse(inverse.input);
      yield* endIsolation(run, machineId, runId);
    }
    return came;
  }

  function* endIsolation(run: Run, machineId: MachineId, ofRun: string): Steps<void> {
    const lease = yield* attempt(run.step(readLease, { machineId }));
    const ending = "Released by an undo";
    const settled = yield* attempt(run.step(settleLease, { machineId, to: "ended", ending, ofRun }));
    const isOurs = !(settled instanceof StepFailed) && settled.settled;
    if (!isOurs || lease instanceof StepFailed || lease === null || isOver(lease)) return;
    yield* tellOfIsolation(run, lease, { key: "released", words: `Released, as the run ${ofRun} was undone.` });
  }
};
