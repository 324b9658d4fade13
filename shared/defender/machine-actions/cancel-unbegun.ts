import { MustWaitError } from "../../errors.ts";
import { DefenderRefusedError } from "../error.ts";
import type { MachineActions } from "./client.ts";
import { isFinished, type MachineAction } from "./machine-action.ts";

/**
 * Cancels what has not begun, so that it cannot take effect after what is asked for next: an offline machine takes
 * requests up in any order.
 *
 * @param actions of one machine; those that have ended stay as they are
 * @param words for people: what the actions are, and what waits for them
 * @returns the actions that were cancelled, as they are now
 * @throws MustWaitError while one of them is being carried out, or changes under our hands: the step is tried again
 */
export async function cancelUnbegun(
  machineActions: Pick<MachineActions, "cancel">,
  actions: readonly MachineAction[],
  { comment, words }: { comment: string; words: { noun: string; waits: string } },
): Promise<MachineAction[]> {
  const open = actions.filter((action) => !isFinished(action));
  const begun = open.find(({ status }) => status !== "Pending");
  if (begun)
    throw new MustWaitError(`The ${words.noun} ${begun.id} is ${begun.status}; ${words.waits} when that has ended`);
  const cancelled: MachineAction[] = [];
  for (const action of open) cancelled.push(await cancel(machineActions, action, comment));
  return cancelled;
}

/** @throws MustWaitError when it began, or ended, a moment before: then the next try sees how it stands */
async function cancel({ cancel }: Pick<MachineActions, "cancel">, { id, type }: MachineAction, comment: string) {
  try {
    return await cancel(id, { comment });
  } catch (error) {
    if (!(error instanceof DefenderRefusedError) || error.call.status === 403) throw error;
    throw new MustWaitError(`${type} ${id} could not be cancelled, as it has changed meanwhile`, { cause: error });
  }
}
