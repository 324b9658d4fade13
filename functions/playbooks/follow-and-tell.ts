import {
  describeFailure,
  isFinished,
  isOwnAction,
  type MachineAction,
} from "../../shared/defender/machine-actions/machine-action.ts";
import type { Duration } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, mayPass, overOutages, type Run, type Steps, UNAVAILABLE, WAITING } from "../../shared/playbook.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";
import { AS_LONG_AS_DEFENDER_TRIES, followMachineAction } from "./follow-machine-action.ts";

/** What something that was asked for came to. `words` go on after a colon, and never say more than Defender confirmed. */
export interface Came {
  outcome: "done" | "failed" | "not-allowed" | "declined" | "expired" | "cancelled" | "unconfirmed";
  words: string;
  /** As last seen, where it was asked of Defender. */
  action?: MachineAction;
}

/** Something asked of Defender that it carries out on a machine. */
export interface Errand {
  /** What it is, for people: `Quarantine of file 3395…`. */
  what: string;
  request(): Steps<MachineAction>;
  /** Where this type of machine action is given back, that had not begun, and was cancelled instead. */
  takesBack?: string;
  /** How long Defender keeps trying to reach a device that is away, in words. */
  triedFor?: string;
}

/** Asks for it a first time. What fails, or is not allowed, is returned: people will be told. */
export function* request(run: Run, { what, request }: Errand): Steps<MachineAction | StepFailed> {
  run.report(`${what}: requesting`);
  const requested = yield* attempt(request());
  run.report(`${what}: ${describeRequested(requested)}`);
  return requested;
}

/** Where a request stands right after it was made. */
export function describeRequested(requested: MachineAction | StepFailed): string {
  if (!(requested instanceof StepFailed)) return `requested, machine action ${requested.id}`;
  return `${cameOfFailedStep(requested).words}${mayPass(requested.code) ? "; it is tried again" : ""}`;
}

/**
 * Follows what was requested to its final state, for as long as Defender tries. Asks again for what an outage has kept
 * from being asked. A device that does not answer in time is said to be away.
 *
 * @param tell says it to people, in a whole sentence
 */
export function* followAndTell(
  run: Run,
  requested: MachineAction | StepFailed,
  errand: Errand & { queuedAfter: Duration; tell(words: string): Steps<void> },
): Steps<Came> {
  const { what, takesBack, triedFor, queuedAfter, tell } = errand;
  const isLost = requested instanceof StepFailed && mayPass(requested.code);
  const asked = isLost ? yield* overOutages(run, errand.request) : requested;
  if (asked instanceof StepFailed) return cameOfFailedStep(asked);
  if (takesBack && asked.type === takesBack) {
    return { outcome: "done", words: "done, as what it takes back had not begun, and was cancelled", action: asked };
  }
  let seen = yield* followMachineAction(run, asked, queuedAfter);
  if (!isFinished(seen)) {
    run.report(`${what}: queued, device offline`);
    yield* tell(`${what}: ${describeQueued(triedFor)}.`);
    seen = yield* followMachineAction(run, seen, AS_LONG_AS_DEFENDER_TRIES);
  }
  return cameOf(run, seen);
}

export const describeQueued = (triedFor = "three days"): string =>
  `queued, device offline; Defender keeps trying for ${triedFor}`;

/** Codes of steps that the policy has refused. */
const BY_POLICY = new Set([
  ...["PolicyDenied", "NeedsApproval", "KillSwitch"],
  ...["CircuitBreakerOpen", "CapReached", "GroupCapReached"],
]);

/** What a step that failed came to, in words. */
export function cameOfFailedStep({ code, reason }: StepFailed): Came {
  if (BY_POLICY.has(code)) return { outcome: "not-allowed", words: `not allowed by policy: ${reason}` };
  if (code === "Declined") return { outcome: "declined", words: `declined: ${reason}` };
  if (code === "ApprovalExpired") return { outcome: "expired", words: `nobody approved it in time: ${reason}` };
  if (code === UNAVAILABLE) {
    return { outcome: "unconfirmed", words: `it is not known whether it was requested: ${reason}` };
  }
  return { outcome: "failed", words: `${code === WAITING ? "not requested yet" : "failed"}: ${reason}` };
}

/** What a machine action came to, as it was last seen. */
export function cameOf(run: Run, action: MachineAction): Came {
  if (action.status === "Succeeded") return { outcome: "done", words: `done${describeAdopted(run, action)}`, action };
  if (action.status === "Cancelled") return { outcome: "cancelled", words: describeCancelled(action), action };
  return isFinished(action)
    ? { outcome: "failed", words: `failed: ${describeFailure(action)}`, action }
    : { outcome: "unconfirmed", words: `requested but never confirmed, last seen as ${action.status}`, action };
}

/** Right after the request Defender may leave out the comment; then the request was this run's. */
function describeAdopted({ id }: Run, action: MachineAction): string {
  if (!action.requestorComment || isOwnAction(action, id)) return "";
  return `, by a request of ${action.creationDateTimeUtc ?? "unknown time"} that was there before`;
}

const describeCancelled = ({ cancellationRequestor: by, cancellationComment: why }: MachineAction): string =>
  `cancelled by ${typeof by === "string" && by ? oneLine(by, 100) : "somebody"}${
    typeof why === "string" && why ? `: ${oneLine(why, 200)}` : ""
  }`;
