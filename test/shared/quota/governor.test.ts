import { expect, test } from "vitest";
import type { Limit } from "../../../shared/defender/limits.ts";
import { claim, createQuotaState, forecast, giveBack, reserve, throttled } from "../../../shared/quota/governor.ts";
import { scaleLimit } from "../../../shared/quota/limit.ts";
import type { Priority } from "../../../shared/quota/priority.ts";

const now = Date.parse("2026-01-05T09:00:00Z");
const usual: Limit = { perMinute: 100, perHour: 1_500 };
const packageLinks: Limit = { perMinute: 2, perHour: 120 };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** So many asked for at once; when each may go, in milliseconds from now. */
function many(count: number, priority: Priority, limit = usual, state = createQuotaState(), at = now): number[] {
  return Array.from({ length: count }, () => reserve(state, limit, { now: at, priority }).at - now);
}

test("lets the first minute's worth go at once, and the next a minute later", () => {
  const times = many(200, "containment");

  expect(times.slice(0, 100)).toEqual(Array(100).fill(0));
  expect(new Set(times.slice(100))).toEqual(new Set([MINUTE + 400]));
});

test("asks for 2,000 isolations within 1.01 of the shortest time the limits allow", () => {
  expect(Math.max(...many(2_000, "containment"))).toBeLessThanOrEqual(64 * MINUTE * 1.01);
});

test("spaces links to packages two a minute", () => {
  expect(many(5, "follow-up", packageLinks)).toEqual([0, 0, MINUTE + 400, MINUTE + 400, 2 * (MINUTE + 400)]);
});

test("lets a containment go at once though 15,000 indicator writes wait for the same limit", () => {
  const state = createQuotaState();
  const times = many(15_000, "sync", usual, state);
  const inTheMiddle = now + 90 * MINUTE;

  expect(reserve(state, usual, { now: inTheMiddle, priority: "containment" }).at).toBe(inTheMiddle);
  expect(Math.max(...times)).toBeLessThan(12 * HOUR);
  expect(JSON.stringify(state).length).toBeLessThan(20_000);
});

test("gives a containment the next moment of a less urgent one when the minute is full, and that one another", () => {
  const state = createQuotaState();
  many(100, "containment", usual, state);
  const waiting = many(100, "release", usual, state).at(0) ?? 0;

  expect(many(1, "containment", usual, state)).toEqual([waiting]);
  const at = now + waiting;
  const claimed = Array.from({ length: 100 }, () => claim(state, usual, { now: at, at, priority: "release" }).at);
  expect(claimed.filter((moment) => moment > at)).toHaveLength(1);
});

test("never takes over from the equally or more urgent", () => {
  const state = createQuotaState();
  many(200, "release", usual, state);

  expect(many(1, "release", usual, state)).toEqual([2 * (MINUTE + 400)]);
  expect(many(1, "sync", usual, state)[0]).toBeGreaterThan(2 * MINUTE);
});

test("starts nothing before Defender said so, and moves what was promised earlier", () => {
  const state = createQuotaState();
  const at = reserve(state, { perMinute: 1 }, { now, priority: "release" }).at;
  const next = reserve(state, { perMinute: 1 }, { now, priority: "release" }).at;
  throttled(state, { now, until: now + 5 * MINUTE });

  expect(claim(state, { perMinute: 1 }, { now, at, priority: "release" }).at).toBe(now + 5 * MINUTE);
  expect(claim(state, { perMinute: 1 }, { now: next, at: next, priority: "release" }).at).toBeGreaterThan(next);
});

test("uses again what was given back", () => {
  const state = createQuotaState();
  const [, , third = 0] = many(3, "release", { perMinute: 2 }, state);
  giveBack(state, { now, at: now, priority: "release" });

  expect(third).toBeGreaterThan(0);
  expect(many(1, "release", { perMinute: 2 }, state)).toEqual([0]);
});

test("says when 300 isolations could be done, and reserves none of them", () => {
  const state = createQuotaState();
  many(50, "containment", usual, state);
  const before = structuredClone(state);

  expect(forecast(state, usual, { now, priority: "containment", count: 300 })).toEqual({
    first: now,
    last: now + 3 * (MINUTE + 400),
  });
  expect(state).toEqual(before);
});

test("lets calls go at once that have no limit", () => {
  expect(new Set(many(1_000, "sync", {}))).toEqual(new Set([0]));
});

test("uses a share of the limits, but at least one call", () => {
  expect(scaleLimit(usual, 0.5)).toEqual({ perMinute: 50, perHour: 750 });
  expect(scaleLimit(packageLinks, 0.001)).toEqual({ perMinute: 1, perHour: 1 });
});
