import { expect, test } from "vitest";
import { freshPace, nextLook } from "../../../shared/watches/pace.ts";

const HOUR = 3_600_000;

/** When the watcher looks over a time, and how old the youngest action is at each look. */
function looks(
  lastingMs: number,
  youngestAt: (now: number) => number,
  options: { lists?: number; scale?: number } = {},
) {
  const times: number[] = [];
  let pace = freshPace(0);
  for (let now = 0; now < lastingMs; ) {
    times.push(now);
    const next = nextLook(pace, { now, lists: 1, youngestMs: youngestAt(now), ...options });
    pace = next.pace;
    now = next.at;
  }
  return times;
}

const mostInAnHour = (times: number[]): number =>
  Math.max(...times.map((start) => times.filter((time) => time >= start && time < start + HOUR).length));

test("never asks for more than 200 lists in any hour, though new actions keep coming", () => {
  expect(mostInAnHour(looks(5 * HOUR, () => 0))).toBeLessThanOrEqual(200);
});

test("counts every list of a look that took two", () => {
  expect(mostInAnHour(looks(5 * HOUR, () => 0, { lists: 2 })) * 2).toBeLessThanOrEqual(200);
});

test("looks within seconds while an action is young", () => {
  const times = looks(30_000, (now) => now);

  expect(times.slice(0, 4)).toEqual([0, 1_000, 2_000, 3_000]);
  expect(times.length).toBeGreaterThan(8);
});

test("looks once a minute when only old actions are open, as an offline device may take days", () => {
  expect(looks(HOUR, () => 24 * HOUR)).toHaveLength(60);
});

test("looks as much less as the share of the limits is smaller", () => {
  expect(mostInAnHour(looks(3 * HOUR, () => 0, { scale: 0.5 }))).toBeLessThanOrEqual(100);
});
