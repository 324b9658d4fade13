import type { MachineId } from "../machines/machine.ts";
import { adoptOrAsk } from "./adopt-or-ask.ts";
import { cancelUnbegun } from "./cancel-unbegun.ts";
import type { MachineActions } from "./client.ts";
import { leaveToPeople } from "./leave-to-people.ts";
import { isCancelledBy, isFinished, type MachineAction, markOf } from "./machine-action.ts";
import { isInForce, type Opposites, ownChange, takenByOthers } from "./opposites.ts";

interface GiveBack {
  machineActions: MachineActions;
  machineId: MachineId;
  opposites: Opposites;
  comment: string;
  runId: string;
  /** Whether also what this app has not asked for is given back. */
  releaseOthers: "allow" | "ask";
  ask(request: { comment: string }): Promise<MachineAction>;
}

/**
 * Gives back to a machine what was taken from it, so that nothing taken before can take effect afterwards: what has not
 * begun is cancelled, and what is being carried out is waited for. A release that is on its way is adopted.
 *
 * An offline machine takes requests up in any order, so a release asked for beside an open isolation might come first
 * and leave the machine isolated.
 *
 * @returns the release; or what was cancelled, where nothing else is in force
 * @throws PermanentError `NeedsApproval` when somebody else has asked for what is in force or on its way
 * @throws Error while something that takes is being carried out, or changes under our hands: the step is tried again
 */
export async function giveBack(request: GiveBack): Promise<MachineAction> {
  const { machineActions, machineId, opposites, runId, ask } = request;
  const { takes, gives, noun } = opposites;
  const changesNow = () => machineActions.recent(machineId, [takes, gives], runId);
  const comment = `${markOf(runId)} ${request.comment}`;

  const changes = await changesNow();
  const own = ownChange(changes, gives, runId);
  if (own) return own;
  const theirs = request.releaseOthers === "allow" ? undefined : takenByOthers(changes, opposites);
  if (theirs) leaveToPeople(theirs, noun);

  const cancelled = await cancelUnbegun(
    machineActions,
    changes.filter(({ type }) => type === takes),
    { comment, words: { noun, waits: "it can be undone" } },
  );

  const onItsWay = changes.find((action) => action.type === gives && !isFinished(action));
  if (onItsWay) return onItsWay;
  const [takenBack] = [
    ...cancelled,
    ...changes.filter((action) => action.type === takes && isCancelledBy(action, runId)),
  ];
  if (takenBack && !isInForce(changes, opposites)) return takenBack;

  return adoptOrAsk({
    what: `a release of machine ${machineId}`,
    find: async () => {
      const now = await changesNow();
      return ownChange(now, gives, runId) ?? now.find((action) => action.type === gives && !isFinished(action));
    },
    ask: () => ask({ comment }),
  });
}
