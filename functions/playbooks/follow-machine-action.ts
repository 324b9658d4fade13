import { isFinished, type MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import type { Duration } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { overOutages, type Run, type Steps, waitUntil } from "../../shared/playbook.ts";
import { getMachineAction } from "../activities/get-machine-action.ts";

/** Quick at first, as most actions end within a minute; then slowly, as an offline machine may take days. */
const PACE = { first: { seconds: 1 }, factor: 2, most: { minutes: 10 } };

/** Defender tries for three days; a little longer, to see how it ended. */
export const AS_LONG_AS_DEFENDER_TRIES: Duration = { days: 3, hours: 2 };

/**
 * Follows a machine action to its final state, or for `atMost`; returns what was last seen of it. An outage of Defender
 * is waited out: the action goes on meanwhile.
 */
export function* followMachineAction(run: Run, action: MachineAction, atMost: Duration): Steps<MachineAction> {
  if (isFinished(action)) return action;
  let latest = action;
  function* look(): Steps<boolean> {
    const seen = yield* overOutages(run, () => run.step(getMachineAction, { machineActionId: action.id }));
    if (seen instanceof StepFailed) return true; // a refusal will not change
    latest = seen ?? latest;
    return isFinished(latest);
  }
  yield* waitUntil(run, look, (isOver) => isOver, { pace: PACE, atMost });
  return latest;
}
