/** How often one kind of call may be made by one app. */
export interface CallLimit {
  perMinute?: number;
  perHour?: number;
}

/** Holds for every call whose page states nothing else. */
export const USUAL_LIMIT: CallLimit = { perMinute: 100, perHour: 1500 };

export interface Throttle {
  /**
   * Counts a call, unless a limit is used up.
   *
   * @returns 0 if the call may be made, else the whole seconds until the next one may
   */
  take(key: string, limit: CallLimit, scale: number, now: number): number;
  clear(): void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Counts calls in sliding windows: never more than the limit in any 60 seconds, nor in any 3,600. Defender does not say
 * how it counts, and whoever keeps to this keeps to every other way too. A refused call is not counted.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors - 429 and `Retry-After`
 */
export function createThrottle(): Throttle {
  /** When calls were let through, oldest first. */
  const accepted = new Map<string, number[]>();

  function callsOf(key: string, now: number): number[] {
    const known = accepted.get(key);
    // A clock that was set back must not lock callers out.
    if (known && (known.at(-1) ?? now) <= now) return known;
    const calls: number[] = [];
    accepted.set(key, calls);
    return calls;
  }

  return {
    take(key, { perMinute = Number.POSITIVE_INFINITY, perHour = Number.POSITIVE_INFINITY }, scale, now) {
      const minute = Math.ceil(perMinute * scale);
      const hour = Math.ceil(perHour * scale);
      const calls = callsOf(key, now);
      const opensAt = Math.max(nextAt(calls, minute, MINUTE_MS), nextAt(calls, hour, HOUR_MS));
      if (opensAt > now) return Math.ceil((opensAt - now) / 1000);
      calls.push(now);
      const needed = Math.max(...[minute, hour].filter(Number.isFinite), 1);
      // Dropping many at a time keeps the cost per call constant.
      if (calls.length > 2 * needed) calls.splice(0, calls.length - needed);
      return 0;
    },
    clear: () => accepted.clear(),
  };
}

/** When a window has room again: once the call that would be one too many within it has left it. */
function nextAt(calls: number[], limit: number, windowMs: number): number {
  const blocking = calls[calls.length - limit];
  return blocking === undefined ? Number.NEGATIVE_INFINITY : blocking + windowMs;
}
