import { isAskedByApp, isFinished, isInVain, isOwnAction, type MachineAction } from "./machine-action.ts";

/** Two types of machine action of which one takes something from a machine and the other gives it back. */
export interface Opposites {
  takes: string;
  gives: string;
  /** What is taken, for people: "isolation". */
  noun: string;
  /** What gives it back, for people: "release". */
  undoing: string;
}

export const ISOLATION: Opposites = { takes: "Isolate", gives: "Unisolate", noun: "isolation", undoing: "release" };

export const RESTRICTION: Opposites = {
  takes: "RestrictCodeExecution",
  gives: "UnrestrictCodeExecution",
  noun: "restriction",
  undoing: "lifting",
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
 * @param scopes of which one is what is wanted, or more; absent where there is but one
 */
export function takeToAdopt(
  changes: readonly MachineAction[],
  { takes }: Opposites,
  runId: string,
  scopes?: readonly string[],
): MachineAction | undefined {
  const isWanted = ({ scope }: MachineAction) => !scopes || scopes.some((one) => one === scope);
  // Right after the request an action may not say its scope yet.
  const mayBeWanted = (action: MachineAction) => isWanted(action) || (!action.scope && !isFinished(action));
  const isOther = (action: MachineAction) => action.type === takes && Boolean(action.scope) && !isWanted(action);

  const own = ownChange(
    changes.filter((action) => !isOther(action)),
    takes,
    runId,
  );
  if (own) return own;
  const latest = changes.find((action) => !isInVain(action));
  return latest?.type === takes && mayBeWanted(latest) ? latest : undefined;
}

/**
 * What was taken from the machine, by a request of somebody else, and not given back since, or still may be taken.
 *
 * @param changes of both types on one machine, newest first
 */
export function takenByOthers(
  changes: readonly MachineAction[],
  { takes, gives }: Opposites,
): MachineAction | undefined {
  const givenBack = changes.findIndex(({ type, status }) => type === gives && status === "Succeeded");
  const since = givenBack < 0 ? changes : changes.slice(0, givenBack);
  return since.find((action) => action.type === takes && !isInVain(action) && !isAskedByApp(action));
}

/** Whether the newest change that took effect is one that takes something. */
export const isInForce = (changes: readonly MachineAction[], { takes }: Opposites): boolean =>
  changes.find(({ status }) => status === "Succeeded")?.type === takes;
