import type { MachineId } from "../machines/machine.ts";
import { adoptOrAsk } from "./adopt-or-ask.ts";
import { machineActionCalls } from "./calls.ts";
import { cancelUnbegun } from "./cancel-unbegun.ts";
import type { MachineActions } from "./client.ts";
import { type MachineAction, markOf } from "./machine-action.ts";
import { type Opposites, takeToAdopt } from "./opposites.ts";

/** What a step needs beside its own request. Hardly any has to cancel: reserving that for each would hold up releases. */
export const callsToTake = [{ ...machineActionCalls.cancel, shared: true as const }, machineActionCalls.list];

interface TakeFrom {
  machineActions: MachineActions;
  machineId: MachineId;
  opposites: Opposites;
  /** Those that take as much as is wanted; absent where there is but one. */
  scopes?: readonly string[];
  comment: string;
  runId: string;
  ask(request: { comment: string }): Promise<MachineAction>;
}

/**
 * Takes something from a machine, so that nothing given back before can take effect afterwards: what has not begun is
 * cancelled, and what is being carried out is waited for. What stands already, or is on its way, is adopted.
 *
 * @throws Error while something that gives back is being carried out, or changes under our hands: the step is tried again
 */
export function takeFrom({
  machineActions,
  machineId,
  opposites,
  scopes,
  ...request
}: TakeFrom): Promise<MachineAction> {
  const { takes, gives, noun, undoing } = opposites;
  const comment = `${markOf(request.runId)} ${request.comment}`;
  const words = { noun: undoing, waits: `the ${noun} is asked for` };

  return adoptOrAsk({
    what: `the ${noun} of machine ${machineId}`,
    find: async () => {
      const changes = await machineActions.recent(machineId, [takes, gives], request.runId);
      const ends = changes.filter(({ type }) => type === gives);
      const cancelled = new Set((await cancelUnbegun(machineActions, ends, { comment, words })).map(({ id }) => id));
      const left = changes.filter(({ id }) => !cancelled.has(id));
      return takeToAdopt(left, opposites, request.runId, scopes);
    },
    ask: () => request.ask({ comment }),
    isOther: ({ scope }) => Boolean(scope && scopes && !scopes.some((one) => one === scope)),
  });
}
