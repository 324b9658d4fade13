import type { Limit } from "../defender/limits.ts";
import { callsIn, type QuotaState, type Slot } from "./quota-state.ts";

/** So many calls at most in any stretch of this length, in milliseconds. */
export interface Window {
  lengthMs: number;
  calls: number;
}

/** Calls land a little later than their moment: those of a burst may still come in when the next one begins. */
const MINUTE_MS = 60_000 + 400;

/** As above; an hour also has room for the rounding of what is long past. */
const HOUR_MS = 3_600_000 + 5_000;

/** What is older than a minute is kept only this exactly. */
const GRAIN_MS = 10_000;

/** The windows of a limit, of which a share may be filled. */
export function windowsOf({ perMinute, perHour }: Limit, share: number): Window[] {
  const window = (lengthMs: number, calls: number | undefined): Window[] =>
    calls === undefined ? [] : [{ lengthMs, calls: Math.max(1, Math.floor(calls * share)) }];
  return [...window(MINUTE_MS, perMinute), ...window(HOUR_MS, perHour)];
}

/** The first moment, from a given one on, that has room for some calls in every window it is part of. */
export function firstRoom(slots: readonly Slot[], windows: readonly Window[], from: number, count: number): number {
  for (let at = from; ; ) {
    const free = Math.max(...windows.map((window) => endOfCrowd(slots, window, at, count)), at);
    if (free === at) return at;
    at = free;
  }
}

/**
 * When the last of the stretches is over that a moment is part of and that have no room for its calls; the moment itself
 * where all have. Fullest are the stretches that begin with a slot, or with the moment.
 */
function endOfCrowd(slots: readonly Slot[], { lengthMs, calls }: Window, at: number, count: number): number {
  const near = slots.filter(([time]) => time > at - lengthMs && time < at + lengthMs);
  let end = at;
  let sum = 0;
  let next = 0;
  for (const slot of near) {
    const start = slot[0];
    for (let later = near[next]; later && later[0] < Math.min(start, at) + lengthMs; later = near[++next]) {
      sum += callsIn(later);
    }
    // One that begins after the moment is full for the moment as well: it would only be longer.
    if (sum + count > calls) end = Math.max(end, start + lengthMs);
    if (start >= at) break;
    sum -= callsIn(slot);
  }
  return end;
}

/** Forgets what counts no more, and keeps what is past less exactly: together at the later of the moments. */
export function forget(state: QuotaState, now: number): void {
  const kept: Slot[] = [];
  for (const slot of state.slots) {
    if (slot[0] <= now - HOUR_MS) continue;
    const last = kept.at(-1);
    const isPast = slot[0] < now - MINUTE_MS;
    if (isPast && last && grainOf(last) === grainOf(slot)) {
      kept[kept.length - 1] = [slot[0], ...slot.slice(1).map((calls, index) => calls + (last[index + 1] ?? 0))];
    } else kept.push(slot);
  }
  state.slots = kept;
  state.lost = state.lost.filter(([at]) => at > now - HOUR_MS);
}

const grainOf = ([at]: Slot): number => Math.floor(at / GRAIN_MS);
