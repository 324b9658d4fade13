import { z } from "zod";
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
  readonly outcome: "Succeeded" | "Failed";
}

/** A machine action as the API prints it. */
export type MachineAction = ReturnType<typeof print>;

interface Progress {
  status: MachineActionStatus;
  /** When the action came into this status. */
  since: number;
  errorHResult: number;
}

/** Defender gives up on a machine that stays away this long. */
const GIVE_UP_AFTER_MS = 3 * 24 * 60 * 60_000;

// HRESULTs seen on real machine actions: E_FAIL, HTTP_E_STATUS_REQUEST_TIMEOUT and E_ABORT.
const FAILED = -2147467259;
const TIMED_OUT = -2145844840;
const ABORTED = -2147467260;

/** Where a machine action stands at a given time. */
export function progressAt({ createdAt, start, cancellation }: MachineActionRecord, now: number): Progress {
  if (cancellation) return { status: "Cancelled", since: cancellation.at, errorHResult: ABORTED };
  if (!start) {
    const givesUpAt = createdAt + GIVE_UP_AFTER_MS;
    if (now >= givesUpAt) return { status: "TimeOut", since: givesUpAt, errorHResult: TIMED_OUT };
    return { status: "Pending", since: createdAt, errorHResult: 0 };
  }
  const inProgressAt = start.at + start.inProgressAfterMs;
  const finalAt = start.at + start.finalAfterMs;
  if (now >= finalAt) {
    return { status: start.outcome, since: finalAt, errorHResult: start.outcome === "Failed" ? FAILED : 0 };
  }
  if (now >= inProgressAt) return { status: "InProgress", since: inProgressAt, errorHResult: 0 };
  return { status: "Pending", since: createdAt, errorHResult: 0 };
}

export const isOpen = ({ status }: { status: MachineActionStatus }): boolean =>
  status === "Pending" || status === "InProgress";

/**
 * How a machine is cut off at a given time, or `null` if it is not: the isolation or release that ended last counts.
 * Defender itself offers no such property; only the control API shows it.
 */
export function isolationAt(actions: Iterable<MachineActionRecord>, now: number): string | null {
  let isolation: string | null = null;
  let decidedAt = Number.NEGATIVE_INFINITY;
  for (const action of actions) {
    if (action.type !== "Isolate" && action.type !== "Unisolate") continue;
    const { status, since } = progressAt(action, now);
    if (status !== "Succeeded" || since < decidedAt) continue;
    isolation = action.type === "Isolate" ? action.scope : null;
    decidedAt = since;
  }
  return isolation;
}

// Records are never changed in place, so what a finished one prints is good for ever.
const finished = new WeakMap<MachineActionRecord, MachineAction>();

/** The action as the API prints it at a given time. */
export function machineActionAt(action: MachineActionRecord, now: number): MachineAction {
  const known = finished.get(action);
  if (known) return known;
  const progress = progressAt(action, now);
  const printed = print(action, progress);
  if (!isOpen(progress)) finished.set(action, printed);
  return printed;
}

/** The action as the API prints it in answer to the request that made it, before anything can have happened. */
export const newMachineAction = (action: MachineActionRecord): MachineAction =>
  print(action, { status: "Pending", since: action.createdAt, errorHResult: 0 });

function print(action: MachineActionRecord, { status, since, errorHResult }: Progress) {
  const { cancellation } = action;
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
    commands: [],
    troubleshootInfo: null,
  };
}
