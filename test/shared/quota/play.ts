import {
  claim,
  createQuotaState,
  giveBack,
  type QuotaState,
  reserve,
  throttled,
} from "../../../shared/quota/governor.ts";
import type { Limit } from "../../../shared/quota/limit.ts";
import type { Priority } from "../../../shared/quota/priority.ts";
import type { Call } from "./sliding-window.ts";

/** What a run wants of one group of calls, and how it behaves. */
export interface PlayedRun {
  asksAt: number;
  priority: Priority;
  count?: number;
  /** It wants no moment before this long after it asks. */
  notBeforeMs?: number;
  /** How far its clock is ahead of the true time. */
  clockAheadMs?: number;
  /** How late it wakes, each time. */
  lateMs?: number;
  /** How long its calls take to reach Defender. */
  landsAfterMs?: number;
  /** A run that dies reserves and never claims. */
  fate?: "calls" | "dies" | "gives back";
}

export interface Refusal {
  at: number;
  forMs: number;
}

export interface Played {
  /** The calls made, at the true time at which they landed. */
  landed: (Call & { run: PlayedRun })[];
  /** The same at the moments that were given for them. */
  given: Call[];
  state: QuotaState;
  endedAt: number;
  largestState: number;
}

/** Someone who sleeps until a moment that it was given. */
export type Sleeper = PlayedRun & { until: number };

/**
 * Plays runs against the governor in virtual time until each has made its calls, died or given back. The state goes through
 * JSON each time, as it does in an entity.
 *
 * @param limitAt the limit at a time
 * @param beforeReserve looks on
 */
export function play(
  runs: readonly PlayedRun[],
  limitAt: (time: number) => Limit,
  {
    refusals = [],
    beforeReserve = () => {},
  }: {
    refusals?: readonly Refusal[];
    beforeReserve?: (state: QuotaState, limit: Limit, run: PlayedRun, now: number, sleepers: Iterable<Sleeper>) => void;
  } = {},
): Played {
  const queue = new AgendaByTime();
  const sleepers = new Set<Sleeper>();
  const landed: Played["landed"] = [];
  const given: Call[] = [];
  let json = JSON.stringify(createQuotaState());
  let largestState = 0;
  let endedAt = 0;

  function withState<T>(use: (state: QuotaState) => T): T {
    const state: QuotaState = JSON.parse(json);
    const result = use(state);
    json = JSON.stringify(state);
    largestState = Math.max(largestState, json.length);
    return result;
  }

  function follow(run: PlayedRun, time: number, at: number): void {
    const { clockAheadMs = 0, lateMs = 0, landsAfterMs = 0, count = 1, priority, fate = "calls" } = run;
    const now = time + clockAheadMs;
    if (at <= now) {
      if (fate === "gives back") {
        withState((state) => giveBack(state, { now, at, priority, count }));
        return;
      }
      given.push({ at, count });
      landed.push({ at: time + landsAfterMs, count, run });
      return;
    }
    const sleeper = { ...run, until: at };
    sleepers.add(sleeper);
    if (fate === "dies") return;
    const wakesAt = at - clockAheadMs + lateMs;
    if (fate === "gives back") {
      const changesMindAt = Math.floor((time + at - clockAheadMs) / 2);
      queue.add(changesMindAt, (t) => {
        sleepers.delete(sleeper);
        withState((state) => giveBack(state, { now: t + clockAheadMs, at, priority, count }));
      });
      return;
    }
    queue.add(wakesAt, (t) => {
      sleepers.delete(sleeper);
      const ask = { now: t + clockAheadMs, at, priority, count };
      follow(run, t, withState((state) => claim(state, limitAt(t), ask)).at);
    });
  }

  for (const run of runs) {
    queue.add(run.asksAt, (time) => {
      const { clockAheadMs = 0, notBeforeMs = 0, count = 1, priority } = run;
      const now = time + clockAheadMs;
      const { at } = withState((state) => {
        beforeReserve(state, limitAt(time), run, now, sleepers);
        return reserve(state, limitAt(time), { now, priority, count, notBefore: now + notBeforeMs });
      });
      follow(run, time, at);
    });
  }
  for (const { at, forMs } of refusals) {
    queue.add(at, (time) => {
      withState((state) => throttled(state, { now: time, until: time + forMs }));
    });
  }

  for (let steps = 0, next = queue.next(); next; next = queue.next(), steps++) {
    if (steps > 1_000 * (runs.length + 1)) throw new Error("Runs are moved on for ever");
    endedAt = next.time;
    next.act(next.time);
  }
  return { landed, given, state: JSON.parse(json), endedAt, largestState };
}

interface Event {
  time: number;
  act: (time: number) => void;
}

/** What is to happen, by time; at the same time in the order in which it was added. */
class AgendaByTime {
  #times: number[] = [];
  #events = new Map<number, Event[]>();

  add(time: number, act: Event["act"]): void {
    const together = this.#events.get(time);
    if (together) {
      together.push({ time, act });
      return;
    }
    this.#events.set(time, [{ time, act }]);
    let low = 0;
    for (let high = this.#times.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    this.#times.splice(low, 0, time);
  }

  next(): Event | undefined {
    const time = this.#times[0];
    if (time === undefined) return undefined;
    const together = this.#events.get(time) as Event[];
    const event = together.shift();
    if (together.length === 0) {
      this.#events.delete(time);
      this.#times.shift();
    }
    return event;
  }
}
