import { isFinished, isInVain, isOwnAction, type MachineAction } from "./machine-action.ts";

/** Two types of machine action of which one takes something from a machine and the other gives it back. */
export interface Opposites {
  takes: string;
  gives: string;
  /** What is taken, for people: "isolation". */
  noun: string;
}

export const ISOLATION: Opposites = { takes: "Isolate", gives: "Unisolate", noun: "isolation" };

export const RESTRICTION: Opposites = {
  takes: "RestrictCodeExecution",
  gives: "UnrestrictCodeExecution",
  noun: "restriction",
};

/**
 * This run's own change of one type, where it took effect or still may, and nobody has asked for the opposite since: else
 * asking for it once more is a new step and not a repeated one.
 *
 * @param changes of both types on one machine, newest first
 */
export function ownChange(changes: readonly MachineAction[], type: string, runId: string): MachineAction | undefined {
  for (const action of changes.filter((change) => !isInVain(change))) {
    if (action.type !== type) return undefined;
    if (isOwnAction(action, runId)) return action;
  }
  return undefined;
}

/**
 * The change that a request to take something from a machine should adopt. No field of a machine says whether it is
 * isolated or restricted; the newest change that took effect, or still may, does so as far as anything can.
 *
 * @param changes of both types on one machine, newest first
 * @param isEnough whether a change that is in force takes as much as is wanted
 * @throws Error while the opposite is under way: asking now could end in either order
 */
export function takeToAdopt(
  changes: readonly MachineAction[],
  { takes, gives, noun }: Opposites,
  runId: string,
  isEnough: (action: MachineAction) => boolean = () => true,
): MachineAction | undefined {
  const own = ownChange(changes, takes, runId);
  if (own) return own;
  if (changes.some((action) => action.type === gives && !isFinished(action))) {
    throw new Error(`A release of the machine is under way (${gives}); the ${noun} is asked for when that has ended`);
  }
  const latest = changes.find((action) => !isInVain(action));
  return latest?.type === takes && (isEnough(latest) || !isFinished(latest)) ? latest : undefined;
}

/** Whether the newest change that took effect is one that takes something. */
export const isInForce = (changes: readonly MachineAction[], { takes }: Opposites): boolean =>
  changes.find(({ status }) => status === "Succeeded")?.type === takes;
