import { z } from "zod";

export const MachineActionId = z.guid().brand("MachineActionId");
export type MachineActionId = z.infer<typeof MachineActionId>;

export const IsolationType = z.enum(["Full", "Selective"]);
export type IsolationType = z.infer<typeof IsolationType>;

/**
 * A request that Defender carries out on a machine.
 *
 * `type` and `status` stay open: a value Microsoft adds tomorrow must not break a run. Right after the request
 * `machineId` may be null.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/machineaction
 */
export const MachineAction = z.object({
  id: MachineActionId,
  type: z.string(),
  status: z.string(),
  machineId: z.string().nullish(),
  requestor: z.string().nullish(),
  requestorComment: z.string().nullish(),
  creationDateTimeUtc: z.string().nullish(),
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

/**
 * The action a request should adopt instead of asking again: the one this run asked for, else one of its type that is
 * still open, whoever asked for it.
 *
 * @param actions of one machine, newest first
 */
export function actionToAdopt(
  actions: readonly MachineAction[],
  type: string,
  runId: string,
): MachineAction | undefined {
  const sameType = actions.filter((action) => action.type === type);
  const own = sameType.find((action) => action.requestorComment?.includes(`[${runId}]`));
  return own ?? sameType.find((action) => !isFinished(action));
}

/** The newest isolation or release on a machine. No field of a machine says whether it is isolated; this does, as far as anything can. */
export const latestIsolationChange = (actions: readonly MachineAction[]): MachineAction | undefined =>
  actions.find(
    ({ type, status }) =>
      isIsolationChange(type) && (status === "Succeeded" || status === "Pending" || status === "InProgress"),
  );

const isIsolationChange = (type: string): boolean => type === "Isolate" || type === "Unisolate";
