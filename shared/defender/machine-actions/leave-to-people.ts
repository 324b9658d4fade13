import { MustWaitError, PermanentError } from "../../errors.ts";
import { isFinished, type MachineAction } from "./machine-action.ts";

/**
 * Refuses to end what somebody else has asked for: an analyst, or another tool, had a reason that no run knows.
 *
 * @throws PermanentError `NeedsApproval`
 * @throws MustWaitError right after a request, while Defender does not show yet whose it is
 */
export function leaveToPeople(action: MachineAction, noun: string): never {
  const { id, requestor, requestSource, requestorComment } = action;
  if (!requestorComment && !isFinished(action)) {
    throw new MustWaitError(`Defender does not show yet who asked for the ${noun} ${id}`);
  }
  const source = typeof requestSource === "string" ? ` through ${requestSource}` : "";
  const who = typeof requestor === "string" && requestor ? requestor : "somebody else";
  throw new PermanentError(
    "NeedsApproval",
    `The ${noun} ${id} was asked for by ${who}${source} and not by this app: a person must decide whether it ends`,
  );
}
