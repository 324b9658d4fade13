import { z } from "zod";
import { type Command, type CommandResult, commandsAt } from "./live-response.ts";
import { toDefenderTime } from "./timestamp.ts";

/** https://learn.microsoft.com/en-us/defender-endpoint/api/machineaction */
export const MachineActionType = z.enum([
  "RunAntiVirusScan",
  "Offboard",
  "LiveResponse",
  "CollectInvestigationPackage",
  "Isolate",
  "Unisolate",
  "StopAndQuarantineFile",
  "RestrictCodeExecution",
  "UnrestrictCodeExecution",
]);
export type MachineActionType = z.infer<typeof MachineActionType>;

export type MachineActionStatus = "Pending" | "InProgress" | "Succeeded" | "Failed" | "TimeOut" | "Cancelled";

/** What the simulator keeps of a machine action. Its status is not kept: it follows from these facts and the time. */
export interface MachineActionRecord {
  readonly id: string;
  readonly type: MachineActionType;
  readonly machineId: string;
  readonly computerDnsName: string | null;
  readonly scope: string | null;
  readonly requestor: string;
  readonly comment: string;
  readonly relatedFileInfo: { fileIdentifier: string; fileIdentifierType: "Sha1" } | null;
  /** Of a live response session. */
  readonly commands?: readonly Command[];
  readonly createdAt: number;
  /** Set when the machine takes the request, which an offline machine does not. */
  readonly start?: ActionStart;
  readonly cancellation?: { at: number; requestor: string; comment: string };
}

/** The machine took the request at `at`; the rest of its life is settled from then on. */
export interface ActionStart {
  readonly at: number;
  readonly inProgressAfterMs: number;
  readonly finalAfterMs: number;
  readonly outcome: ActionOutcome;
  /** What comes of a session's commands. */
  readonly results?: readonly CommandResult[];
}

export const ActionOutcome = z.enum(["Succeeded", "Failed", "TimeOut"]);
export type ActionOutcome = z.infer<typeof ActionOutcome>;

/** A machine action as the API prints it. */
export type MachineAction = ReturnType<typeof print>;

interface Progress {
  status: MachineActionStatus;
  /** When the action came into this status. */
  since: number;
  errorHResult: number;
}

const HOUR_MS = 60 * 60_000;

/**
 * How long Defender waits for a machine that stays away.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response - two hours, for a session
 * @see https://learn.microsoft.com/en-us/defender-endpoint/respond-machine-alerts - three days, for an isolation
 */
const waitsMs = (type: MachineActionType): number => (type === "LiveResponse" ? 2 : 3 * 24) * HOUR_MS;

// HRESULTs seen on real machine actions: E_FAIL, HTTP_E_STATUS_REQUEST_TIMEOUT and E_ABORT.
const FAILED = -2147467259;
const TIMED_OUT = -2145844840;
const ABORTED = -2147467260;
const errorHResults: Record<ActionOutcome, number> = { Succeeded: 0, Failed: FAILED, TimeOut: TIMED_OUT };

/** Until when a machine action is open, if nobody changes its course. */
export const endsAt = ({ type, createdAt, start }: MachineActionRecord): number =>
  start ? start.at + start.finalAfterMs : createdAt + waitsMs(type);

/** Where a machine action stands at a given time. */
export function progressAt(action: MachineActionRecord, now: number): Progress {
  const { createdAt, start, cancellation } = action;
  if (cancellation) return { status: "Cancelled", since: cancellation.at, errorHResult: ABORTED };
  const finalAt = endsAt(action);
  if (now >= finalAt) {
    const outcome = start?.outcome ?? "TimeOut";
    return { status: outcome, since: finalAt, errorHResult: errorHResults[outcome] };
  }
  const inProgressAt = start ? start.at + start.inProgressAfterMs : Number.POSITIVE_INFINITY;
  if (now >= inProgressAt) return { status: "InProgress", since: inProgressAt, errorHResult: 0 };
  return { status: "Pending", since: createdAt, errorHResult: 0 };
}

export const isOpen = ({ status }: { status: MachineActionStatus }): boolean =>
  status === "Pending" || status === "InProgress";

/** What undoes what. */
const OPPOSITES: Partial<Record<MachineActionType, MachineActionType>> = {
  Isolate: "Unisolate",
  Unisolate: "Isolate",
  RestrictCodeExecution: "UnrestrictCodeExecution",
  UnrestrictCodeExecution: "RestrictCodeExecution",
};

export const areOpposites = (one: MachineActionType, other: MachineActionType): boolean => OPPOSITES[one] === other;

/**
 * What a machine is under at a given time: of the actions of this type and of its opposite, the one that ended last, if
 * it is of this type. Defender itself offers no such property; only the control API shows it.
 */
export function effectAt(
  actions: Iterable<MachineActionRecord>,
  type: MachineActionType,
  now: number,
): MachineActionRecord | undefined {
  let effective: MachineActionRecord | undefined;
  let decidedAt = Number.NEGATIVE_INFINITY;
  for (const action of actions) {
    if (action.type !== type && !areOpposites(action.type, type)) continue;
    const { status, since } = progressAt(action, now);
    if (status !== "Succeeded" || since < decidedAt) continue;
    effective = action.type === type ? action : undefined;
    decidedAt = since;
  }
  return effective;
}

// Records are never changed in place, so what a finished one prints is good for ever.
const finished = new WeakMap<MachineActionRecord, MachineAction>();

/** The action as the API prints it at a given time. */
export function machineActionAt(action: MachineActionRecord, now: number): MachineAction {
  const known = finished.get(action);
  if (known) return known;
  const progress = progressAt(action, now);
  const printed = print(action, progress, now);
  if (!isOpen(progress)) finished.set(action, printed);
  return printed;
}

/** The action as the API prints it in answer to the request that made it, before anything can have happened. */
export function newMachineAction({ start: _, ...action }: MachineActionRecord): MachineAction {
  const { createdAt } = action;
  return print(action, { status: "Pending", since: createdAt, errorHResult: 0 }, createdAt);
}

function print(action: MachineActionRecord, { status, since, errorHResult }: Progress, now: number) {
  const { cancellation, start } = action;
  const session = start && {
    startsAt: start.at + start.inProgressAfterMs,
    results: start.results ?? [],
  };
  return {
    id: action.id,
    type: action.type,
    title: null,
    requestor: action.requestor,
    requestorComment: action.comment,
    status,
    machineId: action.machineId,
    computerDnsName: action.computerDnsName,
    creationDateTimeUtc: toDefenderTime(action.createdAt),
    lastUpdateDateTimeUtc: toDefenderTime(since),
    cancellationRequestor: cancellation?.requestor ?? null,
    cancellationComment: cancellation?.comment ?? null,
    cancellationDateTimeUtc: cancellation ? toDefenderTime(cancellation.at) : null,
    errorHResult,
    scope: action.scope,
    externalId: null,
    requestSource: "PublicApi",
    relatedFileInfo: action.relatedFileInfo,
    commands: commandsAt(action.commands ?? [], session, cancellation?.at ?? now),
    troubleshootInfo: null,
  };
}
