import fc from "fast-check";
import { expect, test } from "vitest";
import { giveBack, reserve } from "../../../shared/quota/governor.ts";
import type { Limit } from "../../../shared/quota/limit.ts";
import { PRIORITIES } from "../../../shared/quota/priority.ts";
import { type PlayedRun, play, type Refusal, type Sleeper } from "./play.ts";
import { mostWithin } from "./sliding-window.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const start = Date.parse("2026-01-05T09:00:00Z");

const settings = { seed: 20_260_105, numRuns: 60, endOnFailure: true } as const;

const anyLimit: fc.Arbitrary<Limit> = fc
  .record({ perMinute: fc.integer({ min: 4, max: 12 }), perHour: fc.integer({ min: 8, max: 40 }) })
  .chain(({ perMinute, perHour }) => fc.constantFrom<Limit>({ perMinute, perHour }, { perMinute }, { perHour }));

/** Bursts and trickles: minutes apart, seconds apart, or at once. */
const anyTime = fc.oneof(
  fc.integer({ min: 0, max: 100 * MINUTE }),
  fc.integer({ min: 0, max: 2 * MINUTE }),
  fc.integer({ min: 0, max: 20 }).map((minute) => minute * MINUTE),
);

const anyRun = (clock: fc.Arbitrary<number>): fc.Arbitrary<PlayedRun> =>
  fc.record({
    asksAt: anyTime.map((time) => start + time),
    priority: fc.constantFrom(...PRIORITIES),
    count: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 3 })),
    notBeforeMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 90 * MINUTE })),
    clockAheadMs: clock,
    lateMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 5 * MINUTE })),
    landsAfterMs: fc.integer({ min: 0, max: 100 }),
    fate: fc.constantFrom("calls", "calls", "calls", "calls", "dies", "gives back"),
  });

const anyRefusals: fc.Arbitrary<Refusal[]> = fc.array(
  fc.record({ at: anyTime.map((time) => start + time), forMs: fc.integer({ min: 0, max: 10 * MINUTE }) }),
  { maxLength: 3 },
);

const exactClock = fc.constant(0);
const goodClock = fc.integer({ min: -50, max: 50 });
const badClock = fc.integer({ min: -30_000, max: 30_000 });
const runsWith = (clock: fc.Arbitrary<number>) =>
  fc.array(anyRun(clock), { minLength: 1, maxLength: 100, size: "max" });

function keeps(limit: Limit, calls: Parameters<typeof mostWithin>[1]): void {
  expect(mostWithin(MINUTE, calls)).toBeLessThanOrEqual(limit.perMinute ?? Number.POSITIVE_INFINITY);
  expect(mostWithin(HOUR, calls)).toBeLessThanOrEqual(limit.perHour ?? Number.POSITIVE_INFINITY);
}

test("never are more calls made in any minute or hour than Defender takes, whatever runs do", () => {
  fc.assert(
    fc.property(anyLimit, runsWith(goodClock), anyRefusals, (limit, runs, refusals) => {
      keeps(limit, play(runs, () => limit, { refusals }).landed);
    }),
    settings,
  );
});

test("never are more moments used than the limit allows, though clocks are half a minute wrong", () => {
  fc.assert(
    fc.property(anyLimit, runsWith(badClock), anyRefusals, (limit, runs, refusals) => {
      keeps(limit, play(runs, () => limit, { refusals }).given);
    }),
    settings,
  );
});

test("never are more calls let go than the limit of the time allows, when it is changed", () => {
  fc.assert(
    fc.property(anyLimit, anyLimit, anyTime, runsWith(goodClock), (before, after, changeAfter, runs) => {
      const changedAt = start + changeAfter;
      const { landed } = play(runs, (time) => (time < changedAt ? before : after));
      // A stretch that the change falls into may still be full of what was allowed before.
      keeps(
        before,
        landed.filter(({ at }) => at < changedAt),
      );
      keeps(
        after,
        landed.filter(({ at }) => at >= changedAt),
      );
    }),
    settings,
  );
});

test("everybody who keeps claiming is served in the end", () => {
  fc.assert(
    fc.property(anyLimit, runsWith(badClock), anyRefusals, (limit, runs, refusals) => {
      const { landed } = play(runs, () => limit, { refusals });

      const served = landed.filter(({ run }) => run.fate === "calls").map(({ run }) => runs.indexOf(run));
      const wanted = [...runs.keys()].filter((index) => runs[index]?.fate === "calls");
      expect(served.sort((a, b) => a - b)).toEqual(wanted);
    }),
    settings,
  );
});

test("nobody waits for reservations of somebody less urgent: the answer is the same as without them", () => {
  const rank = ({ priority }: PlayedRun) => PRIORITIES.indexOf(priority);
  fc.assert(
    fc.property(anyLimit, runsWith(exactClock), (limit, runs) => {
      play(runs, () => limit, {
        beforeReserve(state, limitNow, run, now, sleepers: Iterable<Sleeper>) {
          const without = structuredClone(state);
          for (const { priority, count = 1, until, ...other } of sleepers) {
            const isLessUrgent = rank({ ...other, priority }) > rank(run);
            if (isLessUrgent && until > now) giveBack(without, { now, at: until, priority, count });
          }
          const ask = { now, priority: run.priority, count: run.count ?? 1, notBefore: now + (run.notBeforeMs ?? 0) };
          expect(reserve(structuredClone(state), limitNow, ask)).toEqual(reserve(without, limitNow, ask));
        },
      });
    }),
    settings,
  );
});

test("nothing starts while Defender refuses", () => {
  fc.assert(
    fc.property(anyLimit, runsWith(exactClock), anyRefusals, (limit, runs, refusals) => {
      const { landed } = play(runs, () => limit, { refusals });
      for (const { at, forMs } of refusals) {
        const during = landed.filter((call) => {
          const leftAt = call.at - (call.run.landsAfterMs ?? 0);
          return leftAt > at && leftAt < at + forMs;
        });
        expect(during).toEqual([]);
      }
    }),
    settings,
  );
});

test("nothing is left of it a week later, whoever died meanwhile", () => {
  fc.assert(
    fc.property(anyLimit, runsWith(badClock), anyRefusals, (limit, runs, refusals) => {
      const { state } = play(runs, () => limit, { refusals });
      const later = start + 7 * 24 * HOUR;

      expect(reserve(state, limit, { now: later, priority: "sync" })).toEqual({ at: later });
      expect(state.slots).toHaveLength(1);
      expect(state.past.calls).toEqual([]);
    }),
    settings,
  );
});
