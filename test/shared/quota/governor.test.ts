import { describe, expect, test } from "vitest";
import { claim, createQuotaState, forecast, giveBack, reserve, throttled } from "../../../shared/quota/governor.ts";
import type { Priority } from "../../../shared/quota/priority.ts";

const now = Date.parse("2026-01-05T09:00:00Z");
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const tenAMinute = { perMinute: 10 };
const tenAnHour = { perHour: 10 };

/** Reserves for many at once; tells how many seconds from `now` on each waits. */
function reserveMany(state = createQuotaState(), limit = tenAMinute as object, count = 1, priority: Priority = "sync") {
  return Array.from({ length: count }, () => reserve(state, limit, { now, priority }).at - now);
}

/** A minute of which every call has been made. */
function fullMinute() {
  const state = createQuotaState();
  reserveMany(state, tenAMinute, 10, "containment");
  return state;
}

const nextMinute = now + 60_400;

describe("reserve", () => {
  test("lets calls go at once while there is room", () => {
    expect(reserveMany(createQuotaState(), tenAMinute, 10, "containment")).toEqual(Array(10).fill(0));
  });

  test("has the call after a full minute wait until the minute is over, and a little longer", () => {
    expect(reserve(fullMinute(), tenAMinute, { now, priority: "containment" })).toEqual({ at: nextMinute });
  });

  test("keeps the limit of the hour, too", () => {
    const waits = reserveMany(createQuotaState(), tenAnHour, 11, "containment");
    expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
    expect(waits[10]).toBeGreaterThan(HOUR);
    expect(waits[10]).toBeLessThan(1.01 * HOUR);
  });

  test("looks at any stretch of a minute, not at minutes of the clock", () => {
    const state = createQuotaState();
    for (const second of [0, 0, 0, 0, 0, 30, 30, 30, 30, 30]) {
      reserve(state, tenAMinute, { now: now + second * SECOND, priority: "containment" });
    }
    const asks = { now: now + 50 * SECOND, priority: "containment" } as const;
    const waits = Array.from({ length: 6 }, () => reserve(state, tenAMinute, asks).at - now);
    expect(waits).toEqual([60_400, 60_400, 60_400, 60_400, 60_400, 90_400]);
  });

  test("gives no moment before the one asked for, and counts it there", () => {
    const state = createQuotaState();
    const notBefore = now + 5 * MINUTE;
    expect(reserve(state, { perMinute: 1 }, { now, priority: "containment", notBefore })).toEqual({ at: notBefore });
    // The minute that ends with the reserved moment is full as well.
    const early = { now: notBefore - 30 * SECOND, priority: "containment" } as const;
    expect(reserve(state, { perMinute: 1 }, early)).toEqual({ at: notBefore + 60_400 });
    expect(reserve(state, { perMinute: 1 }, { now, priority: "containment" })).toEqual({ at: now });
  });

  test("makes the calls of one step together", () => {
    const state = createQuotaState();
    reserveMany(state, tenAMinute, 7, "containment");
    expect(reserve(state, tenAMinute, { now, priority: "containment", count: 4 })).toEqual({ at: nextMinute });
    expect(reserve(state, tenAMinute, { now, priority: "containment", count: 3 })).toEqual({ at: now });
  });

  test("lets a step that makes more calls than the limit go alone, rather than never", () => {
    const state = createQuotaState();
    expect(reserve(state, tenAMinute, { now, priority: "containment", count: 12 })).toEqual({ at: now });
    expect(reserve(state, tenAMinute, { now, priority: "containment", count: 12 })).toEqual({ at: nextMinute });
  });

  test("answers now where no limit is stated", () => {
    expect(reserveMany(createQuotaState(), {}, 1_000)).toEqual(Array(1_000).fill(0));
  });

  test("is not misled by a clock that is behind the one before", () => {
    const state = fullMinute();
    const at = reserve(state, tenAMinute, { now: now - 20 * SECOND, priority: "containment" }).at;
    expect(at).toBe(nextMinute);
  });
});

describe("priorities", () => {
  test.each<[Priority, number]>([
    ["containment", 10],
    ["release", 10],
    ["follow-up", 10],
    ["enrichment", 9],
    ["sync", 9],
  ])("%s may fill %d of 10", (priority, most) => {
    const waits = reserveMany(createQuotaState(), tenAMinute, 12, priority);
    expect(waits.filter((wait) => wait === 0)).toHaveLength(most);
  });

  test("a limit of one call is open to everybody", () => {
    expect(reserve(createQuotaState(), { perMinute: 1 }, { now, priority: "sync" })).toEqual({ at: now });
  });

  test("a containment gets the next moment, though all of them are reserved for somebody less urgent", () => {
    const state = fullMinute();
    reserveMany(state, tenAMinute, 50, "release");
    expect(reserve(state, tenAMinute, { now, priority: "containment" })).toEqual({ at: nextMinute });
    expect(reserve(state, tenAMinute, { now, priority: "release" }).at).toBeGreaterThan(now + 5 * MINUTE);
  });

  test("a containment that comes before a reserved moment goes at once, also where the two are a minute's fill", () => {
    const state = createQuotaState();
    reserve(state, { perMinute: 1 }, { now, priority: "follow-up", notBefore: now + 30 * SECOND });
    expect(reserve(state, { perMinute: 1 }, { now, priority: "containment" })).toEqual({ at: now });
  });

  test("who lost its moment to a containment learns so when it claims it, and gets the next one", () => {
    const state = fullMinute();
    const [mine] = reserveMany(state, { perMinute: 10 }, 10, "release").map((wait) => now + wait);
    for (let index = 0; index < 10; index++) reserve(state, tenAMinute, { now, priority: "containment" });

    const at = mine as number;
    expect(claim(state, tenAMinute, { now: at, at, priority: "release" })).toEqual({ at: at + 60_400 });
    expect(claim(state, tenAMinute, { now: at, at, priority: "containment" })).toEqual({ at });
  });

  test("who was moved on comes before those of its own priority that were not", () => {
    const state = fullMinute();
    const waits = reserveMany(state, tenAMinute, 20, "release");
    expect(waits[19]).toBe(2 * 60_400);
    for (let index = 0; index < 10; index++) reserve(state, tenAMinute, { now, priority: "containment" });
    for (let index = 0; index < 10; index++)
      claim(state, tenAMinute, { now: nextMinute, at: nextMinute, priority: "containment" });

    // Ten were moved on to the moment of ten others: those who come to claim it first get it.
    const moved = Array.from(
      { length: 10 },
      () => claim(state, tenAMinute, { now: nextMinute, at: nextMinute, priority: "release" }).at,
    );
    const at = now + 2 * 60_400;
    expect(moved).toEqual(Array(10).fill(at));
    const answers = Array.from(
      { length: 20 },
      () => claim(state, tenAMinute, { now: at, at, priority: "release" }).at - at,
    );
    expect(answers).toEqual([...Array(10).fill(0), ...Array(10).fill(60_400)]);
  });

  test("those of one priority are served in the order in which they asked", () => {
    const waits = reserveMany(createQuotaState(), { perMinute: 10, perHour: 60 }, 200, "follow-up");
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });
});

describe("claim", () => {
  test("lets a run go at its moment", () => {
    const state = fullMinute();
    const { at } = reserve(state, tenAMinute, { now, priority: "sync" });
    expect(claim(state, tenAMinute, { now: at, at, priority: "sync" })).toEqual({ at });
  });

  test("lets a run that wakes too early sleep on", () => {
    const state = fullMinute();
    const { at } = reserve(state, tenAMinute, { now, priority: "sync" });
    expect(claim(state, tenAMinute, { now: at - 1, at, priority: "sync" })).toEqual({ at });
    expect(claim(state, tenAMinute, { now: at, at, priority: "sync" })).toEqual({ at });
  });

  test.each([0.3, 10])("counts a run that comes %d s late when it comes", (lateSeconds) => {
    const state = fullMinute();
    const one = { perMinute: 1 };
    const { at } = reserve(state, one, { now, priority: "containment" });
    const late = at + lateSeconds * SECOND;
    expect(claim(state, one, { now: late, at, priority: "containment" })).toEqual({ at: late });
    expect(reserve(state, one, { now: late, priority: "containment" })).toEqual({ at: late + 60_400 });
  });

  test("moves on a run that comes so late that its calls would meet those of the next minute", () => {
    const state = createQuotaState();
    const waits = reserveMany(state, { perMinute: 1 }, 3, "containment");
    const [, second, third] = waits.map((wait) => now + wait) as [number, number, number];
    expect(claim(state, { perMinute: 1 }, { now: third, at: third, priority: "containment" })).toEqual({ at: third });
    expect(claim(state, { perMinute: 1 }, { now: third, at: second, priority: "containment" })).toEqual({
      at: third + 60_400,
    });
  });

  test("costs nobody anything when all runs wake equally late", () => {
    const state = createQuotaState();
    const waits = reserveMany(state, tenAMinute, 100, "containment");
    const sleepers = waits.map((wait) => now + wait).filter((at) => at > now);
    for (const at of sleepers) {
      const woken = at + 3 * SECOND;
      expect(claim(state, tenAMinute, { now: woken, at, priority: "containment" })).toEqual({ at: woken });
    }
  });

  test("does not wait for runs that died", () => {
    const state = fullMinute();
    reserveMany(state, tenAMinute, 50, "containment");
    const later = now + HOUR;
    expect(reserve(state, tenAMinute, { now: later, priority: "sync" })).toEqual({ at: later });
  });

  test("follows a limit that was lowered", () => {
    const state = fullMinute();
    const at = now + (reserveMany(state, tenAMinute, 10, "containment")[0] as number);
    const answers = Array.from(
      { length: 10 },
      () => claim(state, { perMinute: 4 }, { now: at, at, priority: "containment" }).at,
    );
    expect(answers.map((answer) => (answer - at) / 60_400)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
  });
});

test("a limit that was raised counts at once", () => {
  expect(reserve(fullMinute(), { perMinute: 11 }, { now, priority: "containment" })).toEqual({ at: now });
});

describe("giveBack", () => {
  test("frees a moment that has not come yet", () => {
    const state = fullMinute();
    reserveMany(state, tenAMinute, 10, "containment");
    giveBack(state, { now, at: nextMinute, priority: "containment" });
    expect(reserve(state, tenAMinute, { now, priority: "containment" })).toEqual({ at: nextMinute });
  });

  test("frees a moment at which a run was told to go and did not call", () => {
    const state = fullMinute();
    giveBack(state, { now: now + SECOND, at: now, priority: "containment" });
    expect(reserve(state, tenAMinute, { now, priority: "containment" })).toEqual({ at: now });
  });

  test("frees no more than was taken", () => {
    const state = fullMinute();
    giveBack(state, { now, at: nextMinute, priority: "containment" });
    giveBack(state, { now, at: now - 1, priority: "containment" });
    expect(reserve(state, tenAMinute, { now, priority: "containment" })).toEqual({ at: nextMinute });
  });
});

describe("throttled", () => {
  const until = now + 5 * MINUTE;

  test("lets nothing start before Defender takes calls again", () => {
    const state = createQuotaState();
    throttled(state, { now, until });
    expect(reserve(state, tenAMinute, { now, priority: "containment" })).toEqual({ at: until });
    expect(reserve(state, {}, { now, priority: "containment" })).toEqual({ at: until });
  });

  test("moves on those who wait for a moment in between, before those who wait for one later", () => {
    const state = createQuotaState();
    const waits = reserveMany(state, tenAMinute, 90, "containment").map((wait) => now + wait);
    throttled(state, { now, until });
    const at = waits[10] as number;
    expect(claim(state, tenAMinute, { now: at, at, priority: "containment" })).toEqual({ at: until });
  });

  test("believes the longer of two refusals", () => {
    const state = createQuotaState();
    throttled(state, { now, until });
    throttled(state, { now: now + SECOND, until: now + 2 * SECOND });
    expect(reserve(state, tenAMinute, { now, priority: "sync" })).toEqual({ at: until });
  });

  test("believes no refusal for longer than an hour", () => {
    const state = createQuotaState();
    throttled(state, { now, until: now + 48 * HOUR });
    expect(reserve(state, tenAMinute, { now, priority: "sync" })).toEqual({ at: now + HOUR });
  });
});

test("a forecast says when 300 isolations could be made, and changes nothing", () => {
  const state = createQuotaState();
  const before = structuredClone(state);
  const limit = { perMinute: 100, perHour: 1_500 };
  expect(forecast(state, limit, { now, priority: "containment", count: 300 })).toEqual({
    first: now,
    last: now + 2 * 60_400,
  });
  expect(state).toEqual(before);
});
