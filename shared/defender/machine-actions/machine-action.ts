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

/**
 * A request that Defender carries out on a machine.
 *
 * `type`, `status` and `scope` stay open: a value Microsoft adds tomorrow must not break a run. Right after the request
 * `machineId` and `scope` may be null.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/machineaction
 */
export const MachineAction = z.looseObject({
  id: MachineActionId,
  type: z.string().nullish(),
  status: z.string().nullish(),
  machineId: z.string().nullish(),
  computerDnsName: z.string().nullish(),
  requestor: z.string().nullish(),
  requestorComment: z.string().nullish(),
  requestSource: z.string().nullish(),
  externalId: z.string().nullish(),
  title: z.string().nullish(),
  /** `Full` or `Selective` for isolations, `Quick` or `Full` for scans. */
  scope: z.string().nullish(),
  creationDateTimeUtc: z.string().nullish(),
  lastUpdateDateTimeUtc: z.string().nullish(),
  cancellationRequestor: z.string().nullish(),
  cancellationComment: z.string().nullish(),
  cancellationDateTimeUtc: z.string().nullish(),
  relatedFileInfo: z
    .looseObject({ fileIdentifier: z.string().nullish(), fileIdentifierType: z.string().nullish() })
    .nullish(),
  commands: z.array(CommandState).nullish(),
  /** A signed HRESULT; 0 for none. */
  errorHResult: z.number().nullish(),
});
export type MachineAction = z.infer<typeof MachineAction>;

/** Errors come from the machine, which may be in hostile hands. */
const LONGEST_ERROR = 200;

const FINAL = new Set(["Succeeded", "Failed", "TimeOut", "Cancelled"]);

/** Whether Defender will not work on it any more. An unknown status counts as open: it is looked at again. */
export const isFinished = ({ status }: MachineAction): boolean => FINAL.has(status ?? "");

/** What a finished action that did not succeed came to, with the error code as Windows writes it. */
export function describeFailure({ type, status, errorHResult, commands }: MachineAction): string {
  const code = errorHResult ? ` (0x${(errorHResult >>> 0).toString(16)})` : "";
  const [error] = commands?.flatMap(({ errors }) => errors ?? []) ?? [];
  return `${type ?? "Machine action"} ended as ${status}${code}${error ? `: ${oneLine(error, LONGEST_ERROR)}` : ""}`;
}

/** What this run puts in front of its comments, and knows its own actions by: no request can carry an id of ours. */
export const markOf = (runId: string): string => `[${runId}]`;

/** Whether this run asked for it: its id stands in the comment. */
export const isOwnAction = ({ requestorComment }: MachineAction, runId: string): boolean =>
  requestorComment?.includes(markOf(runId)) ?? false;

/** Whether it ended without taking effect. */
export const isInVain = (action: MachineAction): boolean => isFinished(action) && action.status !== "Succeeded";

/** Whether this run took it back before it began. */
export const isCancelledBy = ({ cancellationComment }: MachineAction, runId: string): boolean =>
  cancellationComment?.includes(markOf(runId)) ?? false;
