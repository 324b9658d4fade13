import { expect, test } from "vitest";
import { pollFrom } from "../../../../shared/sources/alert-poll/poll-mark.ts";
import { nextSlice, PAGE_ROWS, type Slice } from "../../../../shared/sources/alert-poll/slices.ts";
import { seededRandom } from "../../../helpers/random.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Lists all of some times as the service would, in no order, and counts the pages. */
function listAll(times: readonly number[], from: number, end: number, onPage: (page: number[]) => void = () => {}) {
  const seen = new Set<number>();
  let pages = 0;
  let slice: Slice | undefined = { from, before: end, skip: 0 };
  for (; slice && pages < 10_000; pages++) {
    const { from, before, skip } = slice as Slice;
    const inSlice = times.flatMap((at, index) => (at >= from && at < before ? [index] : []));
    const page = inSlice.slice(skip, skip + PAGE_ROWS);
    for (const index of page) seen.add(index);
    onPage(page);
    slice = nextSlice(slice, page.length === PAGE_ROWS, end);
  }
  return { seen: seen.size, pages };
}

test("lists few alerts with one page", () => {
  expect(listAll([5, 6, 7], 0, DAY)).toEqual({ seen: 3, pages: 1 });
});

test("lists every alert of a backlog, crowded or not, in a number of pages that goes with theirs", () => {
  const random = seededRandom(7);
  const crowded = Array.from({ length: 12_000 }, () => 20 * DAY + Math.floor(random() * HOUR));
  const spread = Array.from({ length: 12_000 }, () => Math.floor(random() * 30 * DAY));

  for (const times of [crowded, spread]) {
    const { seen, pages } = listAll(times, 0, 30 * DAY);
    expect(seen).toBe(times.length);
    expect(pages).toBeLessThan(80);
  }
});

test("comes through thousands of alerts of one moment", () => {
  const times = Array.from({ length: 5_300 }, () => 3 * HOUR);

  expect(listAll(times, 0, DAY).seen).toBe(5_300);
  expect(listAll(times, 3 * HOUR, 3 * HOUR + 500).seen).toBe(5_300);
});

test("misses no alert that is updated while others are listed: this poll or the next one sees it", () => {
  const random = seededRandom(11);
  const times = Array.from({ length: 8_000 }, () => Math.floor(random() * DAY));
  const seen = new Set<number>();
  let now = DAY;
  const poll = (from: number, updates: number): number => {
    const end = now;
    listAll(times, from, end, (page) => {
      for (const index of page) seen.add(index);
      now += 1_000;
      for (let update = 0; update < updates; update++) times[Math.floor(random() * times.length)] = now - 1;
    });
    return end;
  };

  poll(poll(poll(0, 50), 50), 0);
  expect(seen.size).toBe(times.length);
});

test("polls from a little before the last poll, and the first time from as old as alerts are acted on", () => {
  const now = 10 * DAY;
  const settings = { now, overlapMs: 600_000, maxAgeMs: 2 * DAY };

  expect(pollFrom({ ...settings, mark: now - HOUR })).toBe(now - HOUR - 600_000);
  expect(pollFrom({ ...settings, mark: undefined })).toBe(now - 2 * DAY);
  expect(pollFrom({ ...settings, mark: undefined, maxAgeMs: 0 })).toBe(now - DAY);
  expect(pollFrom({ ...settings, mark: now + HOUR })).toBe(now - 600_000);
});
