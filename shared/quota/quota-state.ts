import { HOUR, type Load } from "./windows.ts";

/** Calls that have been let go: they count for everybody. */
export const GONE = -1;

/**
 * Calls of one rank at one moment (milliseconds since the epoch). A rank is `GONE`, or says for whom the moment is
 * reserved: the lower, the more urgent.
 */
export type Slot = [at: number, rank: number, calls: number];

/** What is known of one group of calls in one tenant. Plain JSON, which a Durable entity keeps. */
export interface QuotaState {
  /** Reservations, and the calls let go of late, in order of time. */
  slots: Slot[];
  /** The calls let go before that, as far as they still count: how many in each grain of the hour, from one grain on. */
  past: { fromGrain: number; calls: number[] };
  /** Nothing starts before: Defender said so. */
  blockedUntil: number;
}

/** The state of a group of which nothing is known yet. */
export const createQuotaState = (): QuotaState => ({
  slots: [],
  past: { fromGrain: 0, calls: [] },
  blockedUntil: 0,
});

/** For how far the clocks of callers may be apart, at the most, before calls are forgotten that still count for somebody. */
const CLOCKS_DIFFER_MS = 60_000;

/** How long calls are known to the millisecond, and a reservation is kept for a run that does not come. */
const RECENT_MS = 60_000 + CLOCKS_DIFFER_MS;

const grainOf = (time: number) => Math.ceil(time / HOUR.grainMs);

/** The calls let go, and the reservations up to a rank, in order of time. */
export function loadsUpTo(rank: number, { past, slots }: QuotaState): Load[] {
  const loads: Load[] = [];
  past.calls.forEach((calls, index) => {
    if (calls > 0) loads.push([(past.fromGrain + index) * HOUR.grainMs, calls]);
  });
  for (const [at, owner, calls] of slots) if (owner <= rank) loads.push([at, calls]);
  return loads;
}

export function addSlot({ slots }: QuotaState, [at, rank, calls]: Slot): void {
  let index = slots.length;
  for (; index > 0; index--) {
    const slot = slots[index - 1] as Slot;
    if (slot[0] === at && slot[1] === rank) {
      slot[2] += calls;
      return;
    }
    if (slot[0] < at) break;
  }
  slots.splice(index, 0, [at, rank, calls]);
}

/** Takes away as many calls as there are, at most `calls`. @returns how many */
export function takeSlot(state: QuotaState, [at, rank, calls]: Slot): number {
  const slot = state.slots.find((other) => other[0] === at && other[1] === rank);
  if (!slot) return 0;
  const taken = Math.min(slot[2], calls);
  slot[2] -= taken;
  if (slot[2] === 0) state.slots = state.slots.filter((other) => other !== slot);
  return taken;
}

/** Counts what is not recent by grains, and forgets reservations nobody came for and calls that count no more. */
export function tidy(state: QuotaState, now: number): void {
  const { past } = state;
  const outdated = grainOf(now - HOUR.lengthMs - CLOCKS_DIFFER_MS) - past.fromGrain;
  if (outdated > 0) {
    past.calls.splice(0, outdated);
    past.fromGrain += outdated;
  }
  const lastGrain = Math.floor((now - RECENT_MS) / HOUR.grainMs);
  for (let slot = state.slots[0]; slot && grainOf(slot[0]) <= lastGrain; slot = state.slots[0]) {
    const [at, rank, calls] = slot;
    const index = grainOf(at) - past.fromGrain;
    if (rank === GONE && index >= 0) {
      while (past.calls.length <= index) past.calls.push(0);
      past.calls[index] = (past.calls[index] ?? 0) + calls;
    }
    state.slots.shift();
  }
}
