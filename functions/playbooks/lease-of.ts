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
  /** Further alerts have come, and the device was to be isolated still: where it was not any more, its time begins anew. */
  extend(again: Containment, askedAt: string): Steps<string>;
}

interface Wanted {
  machineId: MachineId;
  alertId: AlertId | undefined;
  /** Absent: as the policy says; 0 = no end. */
  hours: number | undefined;
  /** When the run first wanted it, as ISO 8601. */
  askedAt: string;
}

export function leaseOf(run: Run, { machineId, alertId, hours, askedAt }: Wanted): LeaseOfRun {
  const about = { machineId, ...(alertId && { alertId }), ...(hours !== undefined && { hours }) };
  let isQueued = false;

  function* begin({ outcome, words, machineActionId }: Containment, wantedAt: string): Steps<string> {
    if (outcome === "isolated") {
      const begun = yield* overOutages(run, () =>
        run.step(startLease, { ...about, askedAt: wantedAt, ...(machineActionId && { machineActionId }) }),
      );
      return begun instanceof StepFailed ? ` Its end could not be noted: ${begun.reason}.` : describeEnd(begun.until);
    }
    if (isQueued && outcome === "not-isolated") {
      yield* attempt(run.step(settleLease, { machineId, to: "ended", ending: words, ofRun: run.id }));
    }
    return "";
  }

  return {
    *queue({ id }) {
      isQueued = true;
      yield* attempt(run.step(startLease, { ...about, askedAt, machineActionId: id, isQueued: true }));
    },
    begin: (containment) => begin(containment, askedAt),
    *extend(again, wantedAt) {
      const extended = yield* attempt(run.step(extendLease, { machineId }));
      if (extended instanceof StepFailed) return "";
      if (extended.isHeld === false && again.isolated) return yield* begin(again, wantedAt);
      return describeEnd(extended.until);
    },
  };
}

const describeEnd = (until: string | null): string => (until ? ` It is released at ${until} (UTC).` : "");
