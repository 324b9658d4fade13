import { expect, test } from "vitest";
import { pollFrom } from "../../../../shared/sources/alert-poll/poll-mark.ts";
import { nextSlice, PAGE_ROWS, type Slice } from "../../../../shared/sources/alert-poll/slices.ts";
import { seededRandom } from "../../../helpers/random.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Lists all of some times as the service would, in no order, and counts the pages. */
function listAll(times: readonly number[], from: number, end: number, isOpen: boolean) {
  const seen = new Set<number>();
  let pages = 0;
  let slice: Slice | undefined = { from, before: isOpen ? undefined : end, skip: 0 };
  for (; slice && pages < 10_000; pages++) {
    const { from, before = Number.POSITIVE_INFINITY, skip } = slice as Slice;
    const inSlice = times.flatMap((at, index) => (at >= from && at < before ? [index] : []));
    const page = inSlice.slice(skip, skip + PAGE_ROWS);
    for (const index of page) seen.add(index);
    slice = nextSlice(slice, page.length === PAGE_ROWS, { end, isOpen });
  }
  return { seen: seen.size, pages };
}

test("lists few alerts with one page, and with one more where the range has an end", () => {
  expect(listAll([5, 6, 7], 0, DAY, true)).toEqual({ seen: 3, pages: 1 });
  expect(listAll([5, 6, 7], 0, DAY, false)).toEqual({ seen: 3, pages: 1 });
});

test("lists every alert of a backlog, crowded or not, in a number of pages that goes with theirs", () => {
  const random = seededRandom(7);
  const crowded = Array.from({ length: 12_000 }, () => 20 * DAY + Math.floor(random() * HOUR));
  const spread = Array.from({ length: 12_000 }, () => Math.floor(random() * 30 * DAY));

  for (const times of [crowded, spread]) {
    const { seen, pages } = listAll(times, 0, 30 * DAY, true);
    expect(seen).toBe(times.length);
    expect(pages).toBeLessThan(80);
  }
});

test("comes through thousands of alerts of one moment", () => {
  const times = Array.from({ length: 5_300 }, () => 3 * HOUR);

  expect(listAll(times, 0, DAY, true).seen).toBe(5_300);
  expect(listAll(times, 3 * HOUR, 3 * HOUR + 500, true).seen).toBe(5_300);
  expect(listAll(times, 3 * HOUR, 3 * HOUR + 500, false).seen).toBe(5_300);
});

test("lists alerts of a service whose clock is ahead", () => {
  expect(listAll([DAY + 5 * 60_000], 0, DAY, true).seen).toBe(1);
});

test("polls from a little before the last poll, and the first time from as old as alerts are acted on", () => {
  const now = 10 * DAY;
  const settings = { now, overlapMs: 600_000, maxAgeMs: 2 * DAY };

  expect(pollFrom({ ...settings, mark: now - HOUR })).toBe(now - HOUR - 600_000);
  expect(pollFrom({ ...settings, mark: undefined })).toBe(now - 2 * DAY);
  expect(pollFrom({ ...settings, mark: undefined, maxAgeMs: 0 })).toBe(now - DAY);
  expect(pollFrom({ ...settings, mark: now + HOUR })).toBe(now - 600_000);
});
