import {
  describeFailure,
  isFinished,
  type MachineAction,
} from "../../shared/defender/machine-actions/machine-action.ts";
import type { MachineId } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { releaseMachine } from "../activities/release-machine.ts";
import { AS_LONG_AS_DEFENDER_TRIES, followMachineAction } from "./follow-machine-action.ts";

/** How a release ended. `words` never says more than Defender confirmed. */
export interface Release {
  outcome: "released" | "not-released" | "unconfirmed";
  words: string;
  machineActionId?: string;
}

export interface ReleaseRequest {
  machineId: MachineId;
  /** What it is for, in words. */
  comment: string;
  queuedAfterSeconds?: number;
  /** Is told once, where the device does not answer in time. */
  onQueued?: (words: string) => Steps<unknown>;
}

/** Releases a machine and follows the release to its final state, for as long as Defender keeps trying. */
export function* releaseAndFollow(run: Run, request: ReleaseRequest): Steps<Release> {
  const { machineId, comment, queuedAfterSeconds = 120, onQueued } = request;
  run.report("requesting release");
  const requested = yield* overOutages(run, () => run.step(releaseMachine, { machineId, comment }));
  if (requested instanceof StepFailed) {
    return { outcome: "not-released", words: `Not released: ${requested.reason}` };
  }
  if (requested.type === "Isolate") return released(requested, "the isolation had not begun, and was cancelled");

  let seen = yield* followMachineAction(run, requested, { seconds: queuedAfterSeconds });
  if (!isFinished(seen)) {
    const words = "Release is queued, device offline. Defender keeps trying for three days";
    run.report("release queued, device offline");
    if (onQueued) yield* onQueued(`${words}.`);
    seen = yield* followMachineAction(run, seen, AS_LONG_AS_DEFENDER_TRIES);
  }
  if (seen.status === "Succeeded") return released(seen);
  const machineActionId = seen.id;
  return isFinished(seen)
    ? { outcome: "not-released", words: `Not released: ${describeFailure(seen)}`, machineActionId }
    : {
        outcome: "unconfirmed",
        words: `A release was requested but never confirmed, last seen as ${seen.status}`,
        machineActionId,
      };
}

const released = ({ id }: MachineAction, how?: string): Release => ({
  outcome: "released",
  words: how ? `Released: ${how}` : "Released",
  machineActionId: id,
});
