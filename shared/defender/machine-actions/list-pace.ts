/** The time that lists are spaced by. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  wait(ms: number): Promise<void>;
}

const realClock: Clock = { now: Date.now, wait: (ms) => new Promise((resume) => setTimeout(resume, ms)) };

/**
 * So many lists at once, then one in 3 seconds: at most 70 in any minute and 1,250 in any hour. With those of the one that
 * follows open actions they stay below the 100 and 1,500 that Defender takes.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection
 */
const MOST_AT_ONCE = 50;
const REFILL_MS = 3_000;

/** So far apart, that the steps of an outbreak share the next one. The first is not held up. */
const APART_MS = 1_000;

export interface ListPace {
  /** Waits until a list may be asked for. */
  ready(): Promise<void>;
  /** Counts one that is asked for. */
  count(): void;
}

/** @param limitScale the share of Defender's limits this app may use */
export function createListPace({
  limitScale = 1,
  clock = realClock,
}: {
  limitScale?: number;
  clock?: Clock;
}): ListPace {
  const most = Math.max(1, MOST_AT_ONCE * limitScale);
  const refillMs = REFILL_MS / limitScale;
  const apartMs = APART_MS / limitScale;
  let left = most;
  let countedAt = clock.now();
  let lastAt = Number.NEGATIVE_INFINITY;

  function refill(): void {
    const now = clock.now();
    left = Math.min(most, left + Math.max(0, now - countedAt) / refillMs);
    countedAt = now;
  }

  return {
    async ready() {
      refill();
      const untilFilledMs = (1 - left) * refillMs;
      const untilApartMs = lastAt + apartMs - clock.now();
      const waitMs = Math.max(untilFilledMs, untilApartMs);
      if (waitMs > 0) await clock.wait(waitMs);
    },
    count() {
      refill();
      left -= 1;
      lastAt = clock.now();
    },
  };
}
