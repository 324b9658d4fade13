import { isFinished, MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { type Duration, toMilliseconds } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { type Activity, attempt, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { getMachineAction } from "../activities/get-machine-action.ts";
import { watchMachineAction } from "../activities/watch-machine-action.ts";

/** Defender tries for three days; a little longer, to see how it ended. */
export const AS_LONG_AS_DEFENDER_TRIES: Duration = { days: 3, hours: 2 };

/** The activities it takes to follow. */
export const FOLLOWING: readonly Activity[] = [watchMachineAction, getMachineAction];

/** An action as Defender last showed it, or nothing: the run must look by itself. */
const Ended = MachineAction.strip().nullable();

/** Between two looks of the run's own. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

/**
 * Follows a machine action to its final state, or for `atMost`; returns what was last seen of it.
 *
 * One watcher looks for all runs, so the run only waits to be told. It looks by itself, ever more seldom, where it cannot
 * be told or Defender does not list the action, and once its time is over. An outage of Defender is waited out, as the
 * action goes on meanwhile; and so is a refusal, which leaves unknown how it ends.
 */
export function* followMachineAction(run: Run, action: MachineAction, atMost: Duration): Steps<MachineAction> {
  if (isFinished(action)) return action;
  const deadline = run.now().getTime() + toMilliseconds(atMost);
  const leftMs = () => Math.max(0, deadline - run.now().getTime());
  const since = toIsoTime(action.creationDateTimeUtc) ?? run.now().toISOString();
  const watch = (event: string) => run.step(watchMachineAction, { machineActionId: action.id, event, since });

  let latest = action;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const ended = yield* attempt(run.waitFor(Ended, { seconds: leftMs() / 1000 }, watch));
    if (ended && !(ended instanceof StepFailed)) return ended;
    const seen = yield* overOutages(run, () => run.step(getMachineAction, { machineActionId: action.id }));
    if (seen && !(seen instanceof StepFailed)) latest = seen;
    if (isFinished(latest) || leftMs() === 0) return latest;
    yield* run.sleep({ seconds: Math.min(pauseMs, leftMs()) / 1000 });
  }
}

/** Defender's times have more digits than ours, and may be no times. */
function toIsoTime(text: string | null | undefined): string | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
