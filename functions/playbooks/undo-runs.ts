import type { Duration } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, overOutages, type Run, type Steps, waitUntil } from "../../shared/playbook.ts";
import { endRun } from "../activities/end-run.ts";
import type { RunOfAlerts } from "../activities/find-runs-of-alerts.ts";
import { readRun } from "../activities/read-run.ts";
import { startUndo } from "../activities/start-undo.ts";

/** The activities it takes to undo runs. */
export const UNDOING: readonly Activity[] = [endRun, startUndo, readRun];

/** A step that had begun when its run was ended comes to its end, and is noted, within this time. */
const UNTIL_NOTED: Duration = { minutes: 3 };

/** An undo waits for people, and for devices that are away. */
const AS_LONG_AS_UNDO_TRIES: Duration = { days: 10 };
const PACE = { first: { seconds: 5 }, factor: 1.5, most: { minutes: 30 } };

/** What came of a run's undo. `words` go on after its name. */
export interface UndoneRun {
  runId: string;
  undone: boolean;
  words: string;
}

/**
 * Takes back what runs did, all at the same time: ends those under way, has each undone by the one run there is for that,
 * and follows these to their ends. A run that other alerts depend on is left alone.
 *
 * @param why for people who look at a run that was ended
 */
export function* undoRuns(run: Run, runs: readonly RunOfAlerts[], why: string): Steps<UndoneRun[]> {
  const shared = runs.filter(({ otherAlerts }) => otherAlerts.length > 0);
  const alone = runs.filter(({ otherAlerts }) => otherAlerts.length === 0);
  const cancelled = new Map<string, StepFailed>();
  const underWay = alone.filter(({ state }) => state === "under-way");
  for (const { runId } of underWay) {
    const ended = yield* overOutages(run, () => run.step(endRun, { runId, reason: why }));
    if (ended instanceof StepFailed) cancelled.set(runId, ended);
  }
  if (underWay.length > 0) yield* run.sleep(UNTIL_NOTED);

  const started: { one: RunOfAlerts; undo: StepFailed | { undoRunId?: string | undefined } }[] = [];
  for (const one of alone) {
    const failed = cancelled.get(one.runId);
    started.push({ one, undo: failed ?? (yield* overOutages(run, () => run.step(startUndo, { runId: one.runId }))) });
  }
  run.report(`undoing ${alone.length} run(s)`);

  const undone: UndoneRun[] = shared.map(({ runId, otherAlerts, hasMoreAlerts }) => {
    const count = `${otherAlerts.length}${hasMoreAlerts ? " or more" : ""}`;
    return { runId, undone: false, words: `left as it is, as ${count} other alert(s) are in its care` };
  });
  for (const { one, undo } of started) undone.push({ runId: one.runId, ...(yield* follow(run, undo)) });
  return undone;
}

function* follow(
  run: Run,
  undo: StepFailed | { undoRunId?: string | undefined },
): Steps<{ undone: boolean; words: string }> {
  if (undo instanceof StepFailed) return { undone: false, words: `could not be undone: ${undo.reason}` };
  const runId = undo.undoRunId;
  if (!runId) return { undone: true, words: "would be undone" };
  const look = () => attempt(run.step(readRun, { runId }));
  const seen = yield* waitUntil(run, look, (seen) => !(seen instanceof StepFailed) && seen.state === "ended", {
    pace: PACE,
    atMost: AS_LONG_AS_UNDO_TRIES,
  });
  if (seen instanceof StepFailed) return { undone: false, words: `its undo could not be followed: ${seen.reason}` };
  if (seen.state !== "ended") return { undone: false, words: `its undo, run ${runId}, has not ended` };
  if (!seen.outcome)
    return { undone: false, words: `its undo, run ${runId}, did not come to its end, or only pretended` };
  const { outcome, words } = seen.outcome;
  return { undone: outcome === "undone", words };
}
