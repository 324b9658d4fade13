import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import {
  describeFailure,
  type IsolationType,
  isFinished,
  isOwnAction,
  type MachineAction,
} from "../../shared/defender/machine-actions/machine-action.ts";
import { type Machine, type MachineId, machineLabel } from "../../shared/defender/machines/machine.ts";
import type { User } from "../../shared/defender/users/user.ts";
import { type Duration, toMilliseconds } from "../../shared/duration.ts";
import { StepFailed } from "../../shared/errors.ts";
import type { StoredEvidence } from "../../shared/evidence/piece.ts";
import {
  attempt,
  mayPass,
  overOutages,
  type Run,
  type StepOptions,
  type Steps,
  UNAVAILABLE,
  WAITING,
} from "../../shared/playbook.ts";
import { addTicketNote } from "../activities/add-ticket-note.ts";
import { collectInvestigationPackage } from "../activities/collect-investigation-package.ts";
import { isolateMachine } from "../activities/isolate-machine.ts";
import { setTicketStatus } from "../activities/set-ticket-status.ts";
import { storePackage } from "../activities/store-package.ts";
import { updateAlert } from "../activities/update-alert.ts";
import { AS_LONG_AS_DEFENDER_TRIES, followMachineAction } from "./follow-machine-action.ts";
import { pieceOf } from "./piece-of.ts";

/** How often those who wait for a device that is away hear of it. */
const MEANWHILE: Duration = { hours: 2 };

/** How an isolation ended. `words` is what people are told; it never says more than Defender confirmed. */
export interface Containment {
  outcome: "isolated" | "not-isolated" | "unconfirmed";
  isolated: boolean;
  words: string;
  machineActionId?: string;
}

/** Whether the machine is isolated for all anybody knows: without an answer it may be. */
export const mayBeContained = ({ outcome }: Containment): boolean => outcome !== "not-isolated";

interface IsolationRequest {
  machineId: MachineId;
  isolationType: IsolationType;
  /** What it is for, in words. */
  about: string;
  /** When the run first wanted it, as ISO 8601. */
  askedAt: string;
  /** Is taken before people are asked about it, with what they are asked. */
  beforeAsking?: StepOptions["beforeAsking"];
}

/** Asks Defender to isolate the machine. A refusal, by Defender or by the policy, is returned: the ticket will say it. */
export function* requestIsolation(run: Run, request: IsolationRequest): Steps<MachineAction | StepFailed> {
  run.report("requesting isolation");
  const isolation = yield* attempt(askForIsolation(run, request));
  run.report(isolation instanceof StepFailed ? describeRefusal(isolation) : "isolation requested");
  return isolation;
}

function* askForIsolation(run: Run, request: IsolationRequest): Steps<MachineAction> {
  const { machineId, isolationType, about, askedAt, beforeAsking } = request;
  const comment = `${isolationType} isolation for ${about}`;
  const asked = { machineId, isolationType, comment, askedAt };
  return yield* run.step(isolateMachine, asked, beforeAsking && { beforeAsking });
}

/** Without an answer nobody knows whether the request was carried out; only a refusal says that it was not. */
function describeRefusal({ code, reason }: StepFailed): string {
  if (code === UNAVAILABLE) return `It is not known whether the isolation was requested: ${reason}`;
  return `${code === WAITING ? "Not isolated yet" : "Not isolated"}: ${reason}`;
}

/**
 * Follows an isolation to its final state. A device that does not answer in time is said to be queued, on ticket and
 * alert, and is followed on for as long as Defender keeps trying.
 */
export function* followIsolation(
  run: Run,
  requested: MachineAction | StepFailed,
  request: IsolationRequest & {
    alertId?: AlertId | undefined;
    queuedAfterSeconds: number;
    /** What is done now and then while the device is away. */
    meanwhile?: (words: string) => Steps<void>;
    /** Is told once, where the device is away. */
    onQueued?: (action: MachineAction) => Steps<unknown>;
  },
): Steps<Containment> {
  const { alertId, queuedAfterSeconds, meanwhile, onQueued } = request;
  const isolation = isToBeTriedAgain(requested)
    ? yield* overOutages(run, () => askForIsolation(run, request))
    : requested;
  if (isolation instanceof StepFailed) {
    const outcome = isUnanswered(isolation) ? "unconfirmed" : "not-isolated";
    return { outcome, isolated: false, words: describeRefusal(isolation) };
  }
  let seen = yield* followMachineAction(run, isolation, { seconds: queuedAfterSeconds });
  if (!isFinished(seen)) {
    const words = "Isolation is queued, device offline. Defender keeps trying for three days";
    run.report("queued, device offline");
    if (onQueued) yield* onQueued(isolation);
    yield* noteOnTicket(run, "queued", `${words}.`);
    yield* commentOnAlert(run, alertId, "queued", `${words}.`);
    const givenUp = run.now().getTime() + toMilliseconds(AS_LONG_AS_DEFENDER_TRIES);
    while (!isFinished(seen) && run.now().getTime() < givenUp) {
      if (meanwhile) yield* meanwhile(`${words}.`);
      seen = yield* followMachineAction(run, isolation, MEANWHILE);
    }
  }
  const machineActionId = seen.id;
  if (seen.status === "Succeeded") {
    const words = isAdopted(seen, run.id) ? describeAdopted(seen) : "Isolated";
    return { outcome: "isolated", isolated: true, words, machineActionId };
  }
  if (isFinished(seen)) {
    return {
      outcome: "not-isolated",
      isolated: false,
      words: `Not isolated: ${describeFailure(seen)}`,
      machineActionId,
    };
  }
  const words = `Isolation was requested but never confirmed, last seen as ${seen.status}`;
  return { outcome: "unconfirmed", isolated: false, words, machineActionId };
}

const isUnanswered = (result: MachineAction | StepFailed): boolean =>
  result instanceof StepFailed && result.code === UNAVAILABLE;

const isToBeTriedAgain = (result: MachineAction | StepFailed): boolean =>
  result instanceof StepFailed && mayPass(result.code);

/** Right after the request Defender may leave out the comment; then the request was this run's. */
const isAdopted = (action: MachineAction, runId: string): boolean =>
  Boolean(action.requestorComment) && !isOwnAction(action, runId);

const describeAdopted = ({ scope, creationDateTimeUtc }: MachineAction): string =>
  `Isolated (${scope ?? "scope unknown"}) by a request of ${creationDateTimeUtc ?? "unknown time"} that was there before`;

/** Has the machine gather its investigation package and stores it. A failure does not undo anything: it is reported. */
export function* gatherPackage(
  run: Run,
  { machineId, about, alertId }: { machineId: MachineId; about: string; alertId?: AlertId | undefined },
): Steps<{ words: string; package?: StoredEvidence }> {
  const comment = `Investigation package for ${about}`;
  const collection = yield* attempt(run.step(collectInvestigationPackage, { machineId, comment }));
  if (collection instanceof StepFailed) return { words: `No package: ${collection.reason}.` };

  const seen = yield* followMachineAction(run, collection, AS_LONG_AS_DEFENDER_TRIES);
  if (seen.status !== "Succeeded") return { words: `No package: ${describeFailure(seen)}.` };

  // Links to packages are given out twice a minute only: those of a fleet take a while.
  const piece = pieceOf(run, seen, { machineId, alertId });
  const stored = yield* overOutages(run, () => run.step(storePackage, piece));
  if (stored instanceof StepFailed) return { words: `The package was collected but not stored: ${stored.reason}.` };
  return { words: `Package ${stored.name} stored, SHA-256 ${stored.sha256}.`, package: stored };
}

/**
 * Adds a note to the run's ticket, if there is one. A containment is never held up by a ticket system that is down.
 *
 * @param ofRun the run whose ticket it is, where it is another one
 */
export function* noteOnTicket(run: Run, key: string, text: string, ofRun?: string): Steps<void> {
  yield* attempt(run.step(addTicketNote, { key, text, ...(ofRun !== undefined && { ofRun }) }));
}

/** Adds a note that a person must act on: the ticket is opened again where people have closed it. */
export function* alarmOnTicket(run: Run, key: string, text: string, ofRun?: string): Steps<void> {
  const ofTicket = ofRun === undefined ? {} : { ofRun };
  const noted = yield* attempt(run.step(addTicketNote, { key, text, ...ofTicket }));
  if (noted instanceof StepFailed || noted.status !== "closed") return;
  yield* attempt(run.step(setTicketStatus, { status: "open", ...ofTicket }));
}

/** Comments on the alert, if there is one. An alert that only another product knows cannot take it: `false`. */
export function* commentOnAlert(run: Run, alertId: AlertId | undefined, key: string, comment: string): Steps<boolean> {
  if (!alertId) return false;
  const updated = yield* attempt(run.step(updateAlert, { alertId, key, comment }));
  return !(updated instanceof StepFailed);
}

interface Known {
  about: string;
  machine: Machine | StepFailed;
  users: User[] | StepFailed;
}

/** The opening text of the ticket: what is known of device and users, and what was asked of Defender. */
export const describeContainment = ({
  isolation,
  ...known
}: Known & { isolation: MachineAction | StepFailed }): string =>
  [...describeDevice(known), describeRequest(isolation)].join("\n");

/** What is known of device and users, a line each. */
export function describeDevice({ about, machine, users }: Known): string[] {
  const lines = [`Containment for ${about}.`];
  if (machine instanceof StepFailed) lines.push(`Device: could not be read (${machine.reason}).`);
  else {
    lines.push(`Device: ${machineLabel(machine)} (${machine.id}), ${machine.osPlatform ?? "system unknown"}.`);
    lines.push(`Risk ${machine.riskScore ?? "unknown"}, tags: ${machine.machineTags?.join(", ") || "none"}.`);
  }
  if (users instanceof StepFailed) lines.push(`Users: could not be read (${users.reason}).`);
  else lines.push(`Users: ${users.map(({ accountName, id }) => accountName || id).join(", ") || "none seen"}.`);
  return lines;
}

/** What came of the request, for the ticket. */
export function describeRequest(isolation: MachineAction | StepFailed): string {
  if (!(isolation instanceof StepFailed)) return `Isolation asked of Defender: machine action ${isolation.id}.`;
  const refusal = `${describeRefusal(isolation)}.`;
  if (isToBeTriedAgain(isolation)) return `${refusal} It is tried again.`;
  return isolation.code === "Declined" ? refusal : `${refusal} A person must decide.`;
}
