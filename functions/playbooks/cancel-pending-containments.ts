import { z } from "zod";
import type { Duration } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, definePlaybook, overOutages } from "../../shared/playbook.ts";
import { cancelMachineAction } from "../activities/cancel-machine-action.ts";
import { listPendingContainments } from "../activities/list-pending-containments.ts";

/** What was asked for a moment before may not be listed for about two minutes. */
const PAUSES: Duration[] = [{ seconds: 0 }, { minutes: 1 }, { minutes: 1 }, { minutes: 1 }, { minutes: 2 }];

/**
 * Cancel pending containments
 *
 * When  the kill switch was turned on and is to take back what has not begun.
 * Does  cancels what this app has asked Defender to take from machines and has not begun, looking again for five
 *       minutes. Stops when the switch is turned off.
 * Never touches what somebody else asked for, or what has begun.
 * Undo  ask for the containments again.
 */
export const cancelPendingContainments = definePlaybook({
  name: "cancel-pending-containments",
  version: 1,
  summary: "Takes back the containments that this app has asked for and that have not begun.",
  input: z.object({}),

  *steps(run) {
    const cancelled = new Set<string>();
    const failed = new Map<string, string>();
    for (const pause of PAUSES) {
      yield* run.sleep(pause);
      const seen = yield* overOutages(run, () => run.step(listPendingContainments, {}));
      if (seen instanceof StepFailed) throw seen;
      if (!seen.isWanted) break;
      for (const { machineId, machineActionId } of seen.pending) {
        run.report(`cancelling machine action ${machineActionId}`);
        const comment = "The kill switch was turned on";
        const action = yield* attempt(run.step(cancelMachineAction, { machineId, machineActionId, comment }));
        if (action instanceof StepFailed) failed.set(machineActionId, action.reason);
        else if (action.status === "Cancelled") cancelled.add(machineActionId);
      }
      run.report(`${cancelled.size} cancelled`);
    }
    const notCancelled = [...failed].filter(([id]) => !cancelled.has(id));
    return {
      cancelled: [...cancelled],
      notCancelled: notCancelled.map(([machineActionId, reason]) => ({ machineActionId, reason })),
    };
  },
});
