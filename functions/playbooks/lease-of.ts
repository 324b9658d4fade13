import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import type { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import type { MachineId } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { extendLease } from "../activities/extend-lease.ts";
import { settleLease } from "../activities/settle-lease.ts";
import { startLease } from "../activities/start-lease.ts";
import type { Containment } from "./containment.ts";

/** The end of the isolation that a run has asked for. What is said about it begins with a blank, or is empty. */
export interface LeaseOfRun {
  /** The device is away: its time has not begun. */
  queue(action: MachineAction): Steps<void>;
  /** The isolation has come to something: its time begins, or nothing is left to end. */
  begin(containment: Containment): Steps<string>;
  /** Further alerts have come. */
  extend(): Steps<string>;
}

/** @param hours absent: as the policy says; 0 = no end */
export function leaseOf(
  run: Run,
  { machineId, alertId, hours }: { machineId: MachineId; alertId: AlertId | undefined; hours: number | undefined },
): LeaseOfRun {
  const about = { machineId, ...(alertId && { alertId }), ...(hours !== undefined && { hours }) };
  let isQueued = false;

  return {
    *queue({ id }) {
      isQueued = true;
      yield* attempt(run.step(startLease, { ...about, machineActionId: id, isQueued: true }));
    },
    *begin({ outcome, words, machineActionId }) {
      if (outcome === "isolated") {
        const begun = yield* overOutages(run, () =>
          run.step(startLease, { ...about, ...(machineActionId && { machineActionId }) }),
        );
        return begun instanceof StepFailed ? ` Its end could not be noted: ${begun.reason}.` : describeEnd(begun.until);
      }
      if (isQueued && outcome === "not-isolated") {
        yield* attempt(run.step(settleLease, { machineId, to: "ended", ending: words, ofRun: run.id }));
      }
      return "";
    },
    *extend() {
      const extended = yield* attempt(run.step(extendLease, { machineId }));
      return extended instanceof StepFailed ? "" : describeEnd(extended.until);
    },
  };
}

const describeEnd = (until: string | null): string => (until ? ` It is released at ${until} (UTC).` : "");
