/**
 * Gives out the moments at which calls of one group may be made, so that no minute and no hour has more of them than
 * Defender takes, whatever stretch of time is looked at. A run reserves a moment, sleeps until then, and claims it.
 *
 * Two rules make up the whole of it:
 * - A moment is given if there is room for it beside the calls already let go and the reservations of those who are at
 *   least as urgent. Reservations of the less urgent are not looked at: a call never waits for them.
 * - Who claims a moment is looked at again by the same rule, and moved on if the room has gone to somebody more urgent,
 *   or if it comes too late. It then stands before those of its own priority that were never moved, so it loses its
 *   moment to nobody who came after it but the more urgent. Only what is let go counts against the limit for good, so
 *   a run that never claims costs its moment and nothing else.
 *
 * Enrichment and sync leave a tenth of every window free, however many of them wait: the next containment goes at once.
 *
 * Pure functions over a JSON state, which they change in place; whoever calls them keeps it and calls one at a time.
 * Times are whole milliseconds since the epoch, by the clock of the run that asks. Those clocks may differ: by some tenths
 * of a second at the cost of the guard in the windows, by up to a minute without anything being forgotten too early.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors
 */
import type { Limit } from "./limit.ts";
import { PRIORITIES, type Priority, shareOf } from "./priority.ts";
import { addSlot, GONE, loadsUpTo, type QuotaState, takeSlot, tidy } from "./quota-state.ts";
import { firstFree, HOUR, MINUTE, type Window } from "./windows.ts";

export { createQuotaState, type QuotaState } from "./quota-state.ts";

export interface Ask {
  now: number;
  priority: Priority;
  /** The calls that are made together. More than the limit go alone; 0 only waits while Defender refuses. @default 1 */
  count?: number;
}

/** A run that comes this little after its moment counts as if it came in time; the guard of the windows pays for it. */
export const PUNCTUAL_MS = 200;

/** The longest that a refusal is believed: no limit looks back further, and one more refusal would say it again. */
const LONGEST_BLOCK_MS = 3_600_000;

/**
 * Asks for a moment. Each call of this takes another one.
 *
 * @returns `now` or before: go, the call is counted; later: sleep until then, and `claim`
 */
export function reserve(state: QuotaState, limit: Limit, ask: Ask & { notBefore?: number }): { at: number } {
  return place(state, limit, ask, { from: Math.max(ask.now, ask.notBefore ?? 0), rank: newcomer(ask.priority) });
}

/**
 * Shows, when its time has come, whether a run may go. Claimed twice, a moment counts twice.
 *
 * @returns the same moment or a past one: go, the call is counted; a later one: sleep until then, and claim that
 */
export function claim(state: QuotaState, limit: Limit, ask: Ask & { at: number }): { at: number } {
  const { now, at, priority } = ask;
  takeReservation(state, ask);
  const from = now <= at + PUNCTUAL_MS ? at : now;
  // Who is here goes before its equals who are not: waiting for each other, late runs would be moved on for ever.
  const free = earliest(state, limit, ask, { from, rank: returner(priority) - 1 });
  return place(state, limit, ask, { from: free <= now ? free : from, rank: free <= now ? GONE : returner(priority) });
}

/**
 * Takes back a moment that is not needed: one that has not come yet, or one at which the run was told to go and made no
 * call. A run that let its moment pass unclaimed has nothing to give back.
 */
export function giveBack(state: QuotaState, ask: Ask & { at: number }): void {
  tidy(state, ask.now);
  const left = (ask.count ?? 1) - takeReservation(state, ask);
  if (left > 0 && ask.at <= ask.now) takeSlot(state, [ask.at, GONE, left]);
}

/**
 * Defender has refused a call though the limit had room: somebody else uses it up too. Nothing starts before `until`;
 * runs that wait for an earlier moment are moved on when they claim it. Safe to repeat.
 */
export function throttled(state: QuotaState, { now, until }: { now: number; until: number }): void {
  tidy(state, now);
  state.blockedUntil = Math.max(state.blockedUntil, Math.min(until, now + LONGEST_BLOCK_MS));
  state.slots = state.slots.filter(([at, rank]) => rank === GONE || at >= state.blockedUntil);
}

/** When the first and the last of so many calls could be made, were each of them asked for now. Changes nothing. */
export function forecast(state: QuotaState, limit: Limit, ask: Required<Ask>): { first: number; last: number } {
  const copy = structuredClone(state);
  const times = Array.from({ length: ask.count }, () => reserve(copy, limit, { ...ask, count: 1 }).at);
  return { first: Math.min(...times), last: Math.max(...times) };
}

/** Before its own priority's newcomers come those who were moved on; before both, everybody more urgent. */
const returner = (priority: Priority): number => PRIORITIES.indexOf(priority) * 2;
const newcomer = (priority: Priority): number => returner(priority) + 1;

type Start = { from: number; rank: number };

/** Takes the first moment that is free of calls let go and of reservations up to a rank. */
function place(state: QuotaState, limit: Limit, ask: Ask, { from, rank }: Start): { at: number } {
  const at = earliest(state, limit, ask, { from, rank });
  const isLimited = limit.perMinute !== undefined || limit.perHour !== undefined;
  if (isLimited && ask.count !== 0) addSlot(state, [at, at <= ask.now ? GONE : rank, ask.count ?? 1]);
  return { at };
}

function earliest(state: QuotaState, limit: Limit, { now, priority, count = 1 }: Ask, { from, rank }: Start): number {
  tidy(state, now);
  const windows = windowsOf(limit, shareOf(priority));
  const loads = loadsUpTo(rank, state);
  let at = Math.max(from, state.blockedUntil);
  for (let tried = Number.NaN; tried !== at; ) {
    tried = at;
    for (const { window, calls } of windows) at = firstFree(window, loads, Math.max(0, calls - count), at, now);
  }
  return at;
}

/** The windows of a limit and how many calls may be in each, as a share of what Defender takes. */
function windowsOf({ perMinute, perHour }: Limit, share: number): { window: Window; calls: number }[] {
  const shared = (window: Window, calls: number | undefined) =>
    calls === undefined ? [] : [{ window, calls: Math.max(1, Math.floor(calls * share)) }];
  return [...shared(MINUTE, perMinute), ...shared(HOUR, perHour)];
}

/** @returns how many of the calls were still reserved */
function takeReservation(state: QuotaState, { at, priority, count = 1 }: Ask & { at: number }): number {
  const moved = takeSlot(state, [at, returner(priority), count]);
  return moved + takeSlot(state, [at, newcomer(priority), count - moved]);
}
