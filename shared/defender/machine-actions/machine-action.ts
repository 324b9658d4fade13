import { z } from "zod";

export const MachineActionId = z.guid().brand("MachineActionId");
export type MachineActionId = z.infer<typeof MachineActionId>;

/** How far a managed device is cut off: from everything, or from all but Outlook, Teams and Skype. */
export const IsolationType = z.enum(["Full", "Selective"]);
export type IsolationType = z.infer<typeof IsolationType>;

/** Where one command of a live response session stands. */
const CommandState = z.looseObject({
  index: z.number().nullish(),
  startTime: z.string().nullish(),
  endTime: z.string().nullish(),
  /** `Created`, `Completed` or `Failed`. */
  commandStatus: z.string().nullish(),
  errors: z.array(z.string()).nullish(),
  command: z.looseObject({ type: z.string().nullish() }).nullish(),
});

/**
 * A request that Defender carries out on a machine.
 *
 * `type` and `status` stay open: a value Microsoft adds tomorrow must not break a run. Right after the request
 * `machineId` may be null.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/machineaction
 */
export const MachineAction = z.looseObject({
  id: MachineActionId,
  type: z.string(),
  status: z.string(),
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

const FINAL = new Set(["Succeeded", "Failed", "TimeOut", "Cancelled"]);

/** Whether Defender will not work on it any more. An unknown status counts as open: it is looked at again. */
export const isFinished = ({ status }: MachineAction): boolean => FINAL.has(status);

/** What a finished action that did not succeed came to, with the error code as Windows writes it. */
export function describeFailure({ type, status, errorHResult }: MachineAction): string {
  const code = errorHResult ? ` (0x${(errorHResult >>> 0).toString(16)})` : "";
  return `${type} ended as ${status}${code}`;
}

/** Whether this run asked for it: its id stands in the comment. */
export const isOwnAction = ({ requestorComment }: MachineAction, runId: string): boolean =>
  requestorComment?.includes(`[${runId}]`) ?? false;

/**
 * The action a request should adopt instead of asking again: the one this run asked for, else one that is still open,
 * whoever asked for it.
 *
 * @param actions of one machine and type, newest first
 */
export const actionToAdopt = (actions: readonly MachineAction[], runId: string): MachineAction | undefined =>
  actions.find((action) => isOwnAction(action, runId)) ?? actions.find((action) => !isFinished(action));

/**
 * The isolation a request should adopt. No field of a machine says whether it is isolated; the newest change that took
 * effect, or still may, does so as far as anything can.
 *
 * @param changes isolations and releases of one machine, newest first
 * @throws Error while a release is under way: asking for an isolation now could end in either order
 */
export function isolationToAdopt(
  changes: readonly MachineAction[],
  wanted: IsolationType,
  runId: string,
): MachineAction | undefined {
  const own = changes.find((action) => action.type === "Isolate" && isOwnAction(action, runId));
  if (own) return own;
  if (changes.some((action) => action.type === "Unisolate" && !isFinished(action))) {
    throw new Error("A release of the machine is under way; it is not isolated before that has ended");
  }
  const latest = changes.find((action) => !isFinished(action) || action.status === "Succeeded");
  const isEnough = wanted === "Selective" || latest?.scope !== "Selective";
  return latest?.type === "Isolate" && (isEnough || !isFinished(latest)) ? latest : undefined;
}
