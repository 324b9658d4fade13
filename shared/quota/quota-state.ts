import { PRIORITIES, type Priority } from "./priority.ts";

/** The calls reserved for one moment: the moment, in milliseconds since the epoch, and how many calls of each priority. */
export type Slot = [at: number, ...calls: number[]];

/** What is known of one group of calls. Plain JSON, which a Durable entity keeps. */
export interface QuotaState {
  /** In order of time. What is over is kept for as long as it counts. */
  slots: Slot[];
  /** Calls that lost their moment to more urgent ones, until they come to claim it. */
  lost: Slot[];
  /** Nothing starts before: Defender said so. */
  blockedUntil: number;
  /** The latest time anybody has named: clocks differ a little, and time must not run backwards here. */
  latest: number;
  /** Before this there is no room for calls of a priority; saves the search. */
  fullUntil: number[];
}

export const createQuotaState = (): QuotaState => ({
  slots: [],
  lost: [],
  blockedUntil: 0,
  latest: 0,
  fullUntil: PRIORITIES.map(() => 0),
});

const NONE = PRIORITIES.map(() => 0);

export const rankOf = (priority: Priority): number => PRIORITIES.indexOf(priority);

/** How many calls are reserved for a moment. */
export const callsIn = ([, ...calls]: Slot): number => calls.reduce((sum, some) => sum + some, 0);

/** Adds calls to a moment, or takes them away again; tells how many there were to take. */
export function addCalls(slots: Slot[], at: number, priority: Priority, count: number): number {
  const index = slots.findIndex(([time]) => time >= at);
  const known = slots[index];
  const slot: Slot = known?.[0] === at ? known : [at, ...NONE];
  const place = rankOf(priority) + 1;
  const had = slot[place] ?? 0;
  const added = Math.max(count, -had);
  slot[place] = had + added;
  if (slot !== known && added > 0) slots.splice(index < 0 ? slots.length : index, 0, slot);
  if (slot === known && callsIn(slot) === 0) slots.splice(index, 1);
  return Math.abs(added);
}
