import { expect, test } from "vitest";
import { createQuotaState, type QuotaState, reserve } from "../../../shared/quota/governor.ts";
import type { Priority } from "../../../shared/quota/priority.ts";
import { type PlayedRun, play } from "./play.ts";
import { mostWithin } from "./sliding-window.ts";

const usual = { perMinute: 100, perHour: 1_500 };
const start = Date.parse("2026-01-05T09:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Deterministic and without a pattern. */
const scatter = (index: number, below: number) => (index * 7_919 + ((index * 104_729) >> 3)) % below;

const many = (count: number, run: Omit<PlayedRun, "asksAt">, asksAt = start): PlayedRun[] =>
  Array.from({ length: count }, () => ({ asksAt, ...run }));

/** Runs that wake some tenths of a second late, each by its own clock. */
const lifelike = (runs: PlayedRun[]): PlayedRun[] =>
  runs.map((run, index) => ({
    ...run,
    clockAheadMs: scatter(index, 100) - 50,
    lateMs: scatter(index + 1, 1_500),
    landsAfterMs: scatter(index + 2, 100),
  }));

test("2,000 isolations take no more than one percent longer than they must", () => {
  const { landed } = play(many(2_000, { priority: "containment" }), () => usual);

  expect(landed).toHaveLength(2_000);
  expect(mostWithin(MINUTE, landed)).toBe(100);
  expect(mostWithin(HOUR, landed)).toBe(1_500);
  const shortest = 64 * MINUTE;
  expect((Math.max(...landed.map(({ at }) => at)) - start) / shortest).toBeLessThanOrEqual(1.01);
});

test("so they do when runs wake late and clocks differ, and Defender never has to refuse", () => {
  const { landed } = play(lifelike(many(2_000, { priority: "containment" })), () => usual);

  expect(landed).toHaveLength(2_000);
  expect(mostWithin(MINUTE, landed)).toBeLessThanOrEqual(100);
  expect(mostWithin(HOUR, landed)).toBeLessThanOrEqual(1_500);
  expect((Math.max(...landed.map(({ at }) => at)) - start) / (64 * MINUTE)).toBeLessThanOrEqual(1.02);
});

test("a 429 in the middle delays all by about its length, and nobody goes to the end of the line", () => {
  const refusals = [{ at: start + 3 * MINUTE, forMs: 5 * MINUTE }];
  const { landed } = play(many(1_000, { priority: "containment" }), () => usual, { refusals });

  expect(landed).toHaveLength(1_000);
  expect(landed.filter(({ at }) => at > start + 3 * MINUTE && at < start + 8 * MINUTE)).toEqual([]);
  const last = Math.max(...landed.map(({ at }) => at));
  expect(last).toBeLessThan(start + 15 * MINUTE);
  expect(mostWithin(MINUTE, landed)).toBe(100);
});

test("while 15,000 calls of a sync wait, every containment goes at once, and the sync still gets done", () => {
  const sync = many(15_000, { priority: "sync" });
  const containments = Array.from({ length: 12 }, (_, hour) => ({
    asksAt: start + hour * HOUR + 17 * MINUTE,
    priority: "containment" as const,
  }));
  const { landed, largestState } = play([...sync, ...containments], () => usual);

  for (const { at, run } of landed) if (run.priority === "containment") expect(at).toBe(run.asksAt);
  expect(landed).toHaveLength(15_012);
  expect(Math.max(...landed.map(({ at }) => at)) - start).toBeLessThan(11.5 * HOUR);
  expect(largestState).toBeLessThan(20_000);
});

test("an outbreak takes the limit over from the sync within a minute, and gives it back", () => {
  const outbreak = many(300, { priority: "containment" }, start + 5 * MINUTE);
  const { landed } = play([...many(1_000, { priority: "sync" }), ...outbreak], () => usual);

  const contained = landed.filter(({ run }) => run.priority === "containment").map(({ at }) => at);
  expect(Math.max(...contained) - start).toBeLessThan(9.5 * MINUTE);
  expect(landed).toHaveLength(1_300);
  expect(mostWithin(MINUTE, landed)).toBeLessThanOrEqual(100);
});

test.each<Priority>(["sync", "containment"])(
  "the state stays small while calls trickle in and 15,000 more wait (%s)",
  (priority) => {
    let state: QuotaState = createQuotaState();
    let now = start;
    for (let index = 0; index < 3_000; index++) {
      now = start + index * 2_400 + scatter(index, 1_000);
      reserve(state, usual, { now, priority: "follow-up" });
    }
    expect(JSON.stringify(state).length).toBeLessThan(5_000);
    let last = 0;
    for (let index = 0; index < 15_000; index++) last = reserve(state, usual, { now, priority }).at;

    expect(JSON.stringify(state).length).toBeLessThan(20_000);
    expect(last - now).toBeLessThan(12 * HOUR);
    state = JSON.parse(JSON.stringify(state));
    expect(reserve(state, usual, { now: last + 2 * HOUR, priority })).toEqual({ at: last + 2 * HOUR });
    expect(JSON.stringify(state).length).toBeLessThan(200);
  },
);
