import { MustWaitError } from "../../errors.ts";
import { DefenderConflictError } from "../error.ts";
import { isFinished, isInVain, isMarked, type MachineAction, markOf } from "./machine-action.ts";

/** How a request is made without making it twice: no call of Defender's takes a key that would tell a repeated one. */
export interface Request<Asked> {
  /** What is asked for, for people: "a collection of machine x". */
  what: string;
  /** Looks for what the request would only repeat. */
  find(): Promise<Asked | undefined>;
  ask(): Promise<Asked>;
  /** Tells an answer that is about something else: of some types Defender answers with what is open instead of refusing. */
  isOther?(answer: Asked): boolean;
}

/**
 * Gives back what stands already, or else asks for it. Where Defender refuses because the same is under way, it is looked
 * for once more.
 *
 * @throws MustWaitError while something stands in the way that `find` does not see: too young to be listed, or of another kind
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/run-av-scan - asked twice, it answers with the pending action or refuses
 */
export async function adoptOrAsk<Asked>({ what, find, ask, isOther }: Request<Asked>): Promise<Asked> {
  const existing = await find();
  if (existing) return existing;
  const isBusy = `Defender is busy with ${what}, and what it does is not listed yet or another one`;
  let answer: Asked;
  try {
    answer = await ask();
  } catch (error) {
    if (!(error instanceof DefenderConflictError)) throw error;
    const active = await find();
    if (active) return active;
    throw new MustWaitError(isBusy, { cause: error });
  }
  if (isOther?.(answer)) throw new MustWaitError(isBusy);
  return answer;
}

/**
 * The action a request should adopt instead of asking again: the one this step asked for, else one that is still open,
 * whoever asked for it.
 *
 * @param actions of one machine and kind, newest first
 * @param key of the step, where its run asks for the same more than once
 */
export const actionToAdopt = (
  actions: readonly MachineAction[],
  runId: string,
  key?: string,
): MachineAction | undefined =>
  actions.find((action) => isMarked(action, markOf(runId, key)) && !isInVain(action)) ??
  actions.find((action) => !isFinished(action));
