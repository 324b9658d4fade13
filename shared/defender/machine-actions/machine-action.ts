import { z } from "zod";
import { oneLine } from "../../streaming/one-line.ts";

export const MachineActionId = z.guid().brand("MachineActionId").describe("The id of a machine action, a GUID");
export type MachineActionId = z.infer<typeof MachineActionId>;

/** How far a managed device is cut off: from everything, or from all but Outlook, Teams and Skype. */
export const IsolationType = z
  .enum(["Full", "Selective"])
  .describe("`Selective` leaves Outlook, Teams and Skype connected");
export type IsolationType = z.infer<typeof IsolationType>;

/** Where one command of a live response session stands. Times are null until it is run. */
const CommandState = z.looseObject({
  /** Zero-based; the number its result is asked for by. */
  index: z.number().nullish(),
  startTime: z.string().nullish(),
  endTime: z.string().nullish(),
  /** `Created`, `Completed` or `Failed`. */
  commandStatus: z.string().nullish(),
  errors: z.array(z.string()).nullish(),
  command: z
    .looseObject({
      type: z.string().nullish(),
      params: z.array(z.looseObject({ key: z.string().nullish(), value: z.string().nullish() })).nullish(),
    })
    .nullish(),
});
export type CommandState = z.infer<typeof CommandState>;

const CommandStates = z.array(CommandState);
const RelatedFile = z.looseObject({ fileIdentifier: z.string().nullish(), fileIdentifierType: z.string().nullish() });

/** What is checked where it is read, or is only shown to people. */
const Anything = z.unknown().optional();

/**
 * A request that Defender carries out on a machine.
 *
 * `type` and `status` stay open: a value Microsoft adds tomorrow must not break a run. Nor must a field of another shape
 * hide an action, so all but those that actions are found and followed by are checked where they are read. Right after the
 * request `machineId` and `scope` may be null.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/machineaction
 */
export const MachineAction = z.looseObject({
  id: MachineActionId,
  type: z.string().nullish(),
  status: z.string().nullish(),
  machineId: z.string().nullish(),
  requestorComment: z.string().nullish(),
  creationDateTimeUtc: z.string().nullish(),
  /** `Full`, `Selective` or `UnManagedDevice` for isolations, `Quick` or `Full` for scans. */
  scope: Anything,
  computerDnsName: Anything,
  requestor: Anything,
  requestSource: Anything,
  externalId: Anything,
  title: Anything,
  lastUpdateDateTimeUtc: Anything,
  cancellationRequestor: Anything,
  cancellationComment: Anything,
  cancellationDateTimeUtc: Anything,
  /** A `RelatedFile`. */
  relatedFileInfo: Anything,
  /** A list of `CommandState`. */
  commands: Anything,
  /** A signed HRESULT; 0 for none. */
  errorHResult: Anything,
});
export type MachineAction = z.infer<typeof MachineAction>;

/** The commands of a live response session; none where they cannot be read. */
export const commandsOf = ({ commands }: MachineAction): CommandState[] => CommandStates.safeParse(commands).data ?? [];

/** What an action on a file is about, in lower case; `undefined` where it does not say, as right after the request. */
export const fileOf = ({ relatedFileInfo }: MachineAction): string | undefined =>
  RelatedFile.safeParse(relatedFileInfo).data?.fileIdentifier?.toLowerCase();

/** Errors come from the machine, which may be in hostile hands. */
const LONGEST_ERROR = 200;

const FINAL = new Set(["Succeeded", "Failed", "TimeOut", "Cancelled"]);

/** Whether Defender will not work on it any more. An unknown status counts as open: it is looked at again. */
export const isFinished = ({ status }: MachineAction): boolean => FINAL.has(status ?? "");

/** What a finished action that did not succeed came to, with the error code as Windows writes it. */
export function describeFailure(action: MachineAction): string {
  const { type, status, errorHResult } = action;
  const code =
    typeof errorHResult === "number" && errorHResult !== 0 ? ` (0x${(errorHResult >>> 0).toString(16)})` : "";
  const [error] = commandsOf(action).flatMap(({ errors }) => errors ?? []);
  return `${type ?? "Machine action"} ended as ${status}${code}${error ? `: ${oneLine(error, LONGEST_ERROR)}` : ""}`;
}

/**
 * What this run puts in front of its comments, and knows its own actions by: no request can carry an id of ours.
 *
 * @param key of the step, where the run asks for the same more than once
 */
export const markOf = (runId: string, key?: string): string => (key ? `[${runId} ${key}]` : `[${runId}]`);

export const isMarked = ({ requestorComment }: MachineAction, mark: string): boolean =>
  requestorComment?.includes(mark) ?? false;

/** Whether this run asked for it, in whichever step: its id stands in the comment. */
export const isOwnAction = (action: MachineAction, runId: string): boolean =>
  isMarked(action, markOf(runId)) || isMarked(action, `[${runId} `);

/**
 * Whether a run of this app asked for it, whichever: such a mark stands before the comment. Nothing else tells: the
 * requestor of an app is shown as its name or its id, and other tools may act as the same app.
 */
export const isAskedByApp = ({ requestorComment }: MachineAction): boolean =>
  /^\[run-[\w-]+( [a-z0-9-]+)?\]/.test(requestorComment ?? "");

/** Whether it ended without taking effect. */
export const isInVain = (action: MachineAction): boolean => isFinished(action) && action.status !== "Succeeded";

/** Whether this run took it back before it began. */
export const isCancelledBy = ({ cancellationComment }: MachineAction, runId: string): boolean =>
  typeof cancellationComment === "string" && cancellationComment.includes(markOf(runId));
