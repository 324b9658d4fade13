/**
 * When the watcher looks next. Many looks while something is young, as most actions end within a minute; then once in
 * 20 seconds, then once a minute. Never more than 200 lists in any hour: a store of 15 looks, filled again by one in 20
 * seconds. That leaves the rest of the list's limit to those who look for what they would only repeat.
 */
export interface Pace {
  /** Looks that may be made at once. */
  left: number;
  /** When `left` was counted, in milliseconds since the epoch. */
  at: number;
}

const MOST_AT_ONCE = 15;
const REFILL_MS = 20_000;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 60_000;

export const freshPace = (now: number): Pace => ({ left: MOST_AT_ONCE, at: now });

/** When the next look may be at the earliest. */
export const earliestLook = ({ left, at }: Pace, scale = 1): number =>
  at + Math.max(SHORTEST_MS, ((1 - left) * REFILL_MS) / scale);

/**
 * Counts what a look took and says when the next may be.
 *
 * @param lists how many lists the look asked Defender for
 * @param youngestMs how old the youngest action is that somebody waits for
 * @param scale the share of Defender's limits this app may use
 */
export function nextLook(
  pace: Pace,
  { now, lists, youngestMs, scale = 1 }: { now: number; lists: number; youngestMs: number; scale?: number },
): { at: number; pace: Pace } {
  const refillMs = REFILL_MS / scale;
  const most = Math.max(1, MOST_AT_ONCE * scale);
  const left = Math.min(most, pace.left + Math.max(0, now - pace.at) / refillMs) - lists;
  // A quarter of the age: soon after the request often, later ever more seldom.
  const wantedMs = Math.min(Math.max(SHORTEST_MS, youngestMs / 4), LONGEST_MS);
  const counted = { left, at: now };
  return { at: Math.max(now + wantedMs, earliestLook(counted, scale)), pace: counted };
}
