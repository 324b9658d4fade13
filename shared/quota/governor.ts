import type { Limit } from "../defender/limits.ts";
import { PRIORITIES, type Priority, shareOf } from "./priority.ts";
import { addCalls, type QuotaState, rankOf } from "./quota-state.ts";
import { firstRoom, forget, windowsOf } from "./windows.ts";

export { createQuotaState, type QuotaState } from "./quota-state.ts";

/** Times are in milliseconds since the epoch. */
export interface Ask {
  now: number;
  priority: Priority;
  /** The calls that are made together. @default 1 */
  count?: number;
}

/** A moment used later than this counts where it is used. */
const LATE_MS = 2_000;

/**
 * Gives out the moments at which calls of one group may be made, so that no minute and no hour has more than Defender
 * takes, whatever stretch of time is looked at. Every function changes the state it is given; the caller keeps it.
 *
 * A reservation is a definite moment. Somebody more urgent takes over the earliest one of somebody less urgent; who lost it
 * learns so by `claim`, and gets another one.
 */
export function reserve(state: QuotaState, limit: Limit, ask: Ask & { notBefore?: number }): { at: number } {
  const { priority, count = 1 } = ask;
  const now = pass(state, ask.now);
  const rank = rankOf(priority);
  const earliest = Math.max(now, ask.notBefore ?? 0, state.blockedUntil);
  const from = Math.max(earliest, state.fullUntil[rank] ?? 0);
  const at = firstRoom(state.slots, windowsOf(limit, shareOf(priority)), from, count);
  if (earliest === now && count === 1) state.fullUntil[rank] = at;

  const taken = takeOver(state, { priority, count, after: Math.max(now, earliest - 1), before: at });
  if (taken !== undefined) return { at: taken };
  addCalls(state.slots, at, priority, count);
  return { at };
}

/**
 * Shows, at its moment, that a call may be made.
 *
 * @returns the same moment, or one that is past: go; a later one: wait on
 */
export function claim(state: QuotaState, limit: Limit, ask: Ask & { at: number }): { at: number } {
  const { at, priority, count = 1 } = ask;
  const now = pass(state, ask.now);
  if (addCalls(state.lost, at, priority, -count) > 0) return reserve(state, limit, ask);
  const isBlocked = state.blockedUntil > now;
  if (!isBlocked && (now < at || now - at <= LATE_MS)) return { at };
  giveBack(state, ask);
  return reserve(state, limit, ask);
}

/** Takes a reservation back that is not needed. */
export function giveBack(state: QuotaState, { at, priority, count = 1 }: Ask & { at: number }): void {
  if (addCalls(state.lost, at, priority, -count) > 0) return;
  addCalls(state.slots, at, priority, -count);
  state.fullUntil = state.fullUntil.map((time) => Math.min(time, at));
}

/** Defender has refused a call although the limit had room for it: somebody else uses it up too. Nothing starts before `until`. */
export function throttled(state: QuotaState, { now, until }: { now: number; until: number }): void {
  pass(state, now);
  state.blockedUntil = Math.max(state.blockedUntil, until);
}

/** When so many calls could be made, were they asked for now. Changes nothing. */
export function forecast(state: QuotaState, limit: Limit, ask: Required<Ask>): { first: number; last: number } {
  const copy = structuredClone(state);
  const times = Array.from({ length: ask.count }, () => reserve(copy, limit, { ...ask, count: 1 }).at);
  return { first: Math.min(...times), last: Math.max(...times) };
}

/** The time by the latest clock. */
function pass(state: QuotaState, now: number): number {
  state.latest = Math.max(state.latest, now);
  forget(state, state.latest);
  return state.latest;
}

/** Takes over the earliest reservation of somebody less urgent between two moments, the most expendable first. */
function takeOver(
  state: QuotaState,
  { priority, count, after, before }: { priority: Priority; count: number; after: number; before: number },
): number | undefined {
  const lessUrgent = PRIORITIES.slice(rankOf(priority) + 1).reverse();
  for (const [at, ...calls] of state.slots) {
    if (at >= before) return undefined;
    const loser = at > after && lessUrgent.find((other) => (calls[rankOf(other)] ?? 0) >= count);
    if (!loser) continue;
    addCalls(state.slots, at, loser, -count);
    addCalls(state.slots, at, priority, count);
    addCalls(state.lost, at, loser, count);
    return at;
  }
  return undefined;
}
