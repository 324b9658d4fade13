import { isFinished, MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { type Duration, toMilliseconds } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { getMachineAction } from "../activities/get-machine-action.ts";
import { watchMachineAction } from "../activities/watch-machine-action.ts";

/** Defender tries for three days; a little longer, to see how it ended. */
export const AS_LONG_AS_DEFENDER_TRIES: Duration = { days: 3, hours: 2 };

/** An action as Defender last showed it, or nothing: the run must look by itself. */
const Ended = MachineAction.strip().nullable();

/**
 * Follows a machine action to its final state, or for `atMost`; returns what was last seen of it.
 *
 * One watcher looks for all runs, so the run only waits to be told. It looks by itself once its time is over, or when
 * Defender lists the action no longer. An outage of Defender is waited out: the action goes on meanwhile.
 */
export function* followMachineAction(run: Run, action: MachineAction, atMost: Duration): Steps<MachineAction> {
  if (isFinished(action)) return action;
  const deadline = run.now().getTime() + toMilliseconds(atMost);
  const since = action.creationDateTimeUtc ?? run.now().toISOString();

  for (let latest = action; ; ) {
    const leftMs = deadline - run.now().getTime();
    const ended = yield* run.waitFor(Ended, { seconds: Math.max(0, leftMs) / 1000 }, (event) =>
      overOutages(run, () => run.step(watchMachineAction, { machineActionId: action.id, event, since })),
    );
    if (ended) return ended;
    const seen = yield* overOutages(run, () => run.step(getMachineAction, { machineActionId: action.id }));
    if (seen instanceof StepFailed) return latest; // a refusal will not change
    latest = seen ?? latest;
    if (isFinished(latest) || run.now().getTime() >= deadline) return latest;
  }
}
