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
   * @returns 0 if the call may be made, else the seconds to wait
   */
  take(key: string, limit: CallLimit, scale: number, now: number): number;
  clear(): void;
}

interface Window {
  endsAt: number;
  calls: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Counts calls in windows of a minute and an hour, each beginning with its first call. A refused call is not counted,
 * and every try before the window ends is refused again.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors - 429 and `Retry-After`
 */
export function createThrottle(): Throttle {
  const windows = new Map<string, Window>();

  function windowOf(key: string, lengthMs: number, now: number): Window {
    const known = windows.get(key);
    // A clock that was set back must not lock callers out.
    if (known && now < known.endsAt && now >= known.endsAt - lengthMs) return known;
    const fresh = { endsAt: now + lengthMs, calls: 0 };
    windows.set(key, fresh);
    return fresh;
  }

  return {
    take(key, { perMinute = Number.POSITIVE_INFINITY, perHour = Number.POSITIVE_INFINITY }, scale, now) {
      const minute = windowOf(`${key} per minute`, MINUTE_MS, now);
      const hour = windowOf(`${key} per hour`, HOUR_MS, now);
      const blocking = [
        ...(minute.calls >= Math.ceil(perMinute * scale) ? [minute] : []),
        ...(hour.calls >= Math.ceil(perHour * scale) ? [hour] : []),
      ];
      if (blocking.length > 0) {
        const until = Math.max(...blocking.map(({ endsAt }) => endsAt));
        return Math.max(1, Math.ceil((until - now) / 1000));
      }
      minute.calls += 1;
      hour.calls += 1;
      return 0;
    },
    clear: () => windows.clear(),
  };
}
