import fc from "fast-check";
import { expect, test } from "vitest";
import { claim, createQuotaState, giveBack, reserve, throttled } from "../../../shared/quota/governor.ts";
import { PRIORITIES, type Priority } from "../../../shared/quota/priority.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const start = Date.parse("2026-01-05T09:00:00Z");

/** The most calls in any stretch of this length: slow, and obviously right. */
const mostWithin = (times: readonly number[], lengthMs: number): number =>
  Math.max(0, ...times.map((from) => times.filter((time) => time >= from && time < from + lengthMs).length));

interface Waiting {
  priority: Priority;
  at: number;
  claims: boolean;
}

const limit = fc.record({ perMinute: fc.integer({ min: 2, max: 6 }), perHour: fc.integer({ min: 8, max: 40 }) });
const arrival = fc.record({
  afterMs: fc.integer({ min: 0, max: 20_000 }),
  priority: fc.constantFrom(...PRIORITIES),
  /** Clocks of the machines a run moves between differ a little. */
  jitterMs: fc.integer({ min: -300, max: 300 }),
  fate: fc.constantFrom("claims", "claims", "claims", "dies", "gives back", "is throttled" as const),
});

/** Plays runs that come, wait for their moment and call; gives the moments of the calls. */
function play(
  arrivals: readonly { afterMs: number; priority: Priority; jitterMs: number; fate: string }[],
  limits: {
    perMinute: number;
    perHour: number;
  },
) {
  const state = createQuotaState();
  const calls: number[] = [];
  const unserved: Waiting[] = [];
  let waiting: Waiting[] = [];
  let now = start;

  /** Everybody whose moment comes until then claims it, and calls or waits on. */
  function passTo(end: number): void {
    for (;;) {
      const [next] = waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      now = Math.max(now, next.at);
      const { at } = claim(state, limits, { now, at: next.at, priority: next.priority });
      if (at <= now) {
        calls.push(now);
        waiting = waiting.filter((other) => other !== next);
      } else next.at = at;
    }
    now = Math.max(now, end);
  }

  for (const { afterMs, priority, jitterMs, fate } of arrivals) {
    passTo(now + afterMs);
    const { at } = reserve(state, limits, { now: now + jitterMs, priority });
    if (fate === "gives back") giveBack(state, { now, at, priority });
    else if (fate === "dies") unserved.push({ priority, at, claims: false });
    else waiting.push({ priority, at, claims: true });
    if (fate === "is throttled") throttled(state, { now, until: now + 30_000 });
  }
  passTo(now + 1_000 * HOUR);
  return { calls, waiting, state };
}

test("whatever comes, no minute and no hour has more calls than allowed, and all who claim are served", () => {
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 120 }), limit, (arrivals, limits) => {
      const { calls, waiting } = play(arrivals, limits);

      expect(mostWithin(calls, MINUTE)).toBeLessThanOrEqual(limits.perMinute);
      expect(mostWithin(calls, HOUR)).toBeLessThanOrEqual(limits.perHour);
      expect(waiting).toEqual([]);
    }),
    { seed: 20260105, numRuns: 150 },
  );
}, 60_000);

test("a more urgent call never gets a later moment than one a less urgent call still holds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PRIORITIES), { minLength: 1, maxLength: 80 }),
      limit,
      (priorities, limits) => {
        const state = createQuotaState();
        for (const priority of priorities) {
          const { at } = reserve(state, limits, { now: start, priority });
          const lessUrgent = PRIORITIES.slice(PRIORITIES.indexOf(priority) + 1);
          const held = state.slots.filter(
            ([time, ...calls]) =>
              time > start && lessUrgent.some((other) => (calls[PRIORITIES.indexOf(other)] ?? 0) > 0),
          );
          expect(held.filter(([time]) => time < at)).toEqual([]);
        }
      },
    ),
    { seed: 20260105, numRuns: 300 },
  );
});

test("stays small while 1,500 calls an hour trickle in for hours", () => {
  const state = createQuotaState();
  for (let call = 0, now = start; call < 6_000; call++, now += 2_400) {
    const { at } = reserve(state, { perMinute: 100, perHour: 1_500 }, { now, priority: "follow-up" });
    expect(at - now).toBeLessThan(30_000);
  }

  expect(JSON.stringify(state).length).toBeLessThan(20_000);
});
