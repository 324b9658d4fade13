import type { Clock } from "./clock.ts";

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  advance(ms: number): void;
  /** When the next timer is due, in milliseconds since the epoch; nothing when none is set. */
  next(): number | undefined;
}

export function virtualClock(start = "2026-01-05T09:00:00Z"): VirtualClock {
  let now = Date.parse(start);
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => new Date(now),
    setTimer(at, callback) {
      const timer = { at: at.getTime(), callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    next: () => timers.reduce<number | undefined>((first, { at }) => Math.min(at, first ?? at), undefined),
    advance(ms) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      timers = timers.filter(({ at }) => at > now);
      for (const { callback } of due) callback();
    },
  };
}
