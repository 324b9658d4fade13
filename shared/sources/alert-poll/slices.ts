/** A part of the time from which alerts are listed, in milliseconds since the epoch, and a page of that list. */
export interface Slice {
  from: number;
  /** Exclusive. */
  before: number;
  /** How many rows of the slice were listed already. */
  skip: number;
}

/** How many alerts are listed at once, with their evidence: some ten megabytes at the most. */
export const PAGE_ROWS = 1_000;

/** A slice this narrow is not cut again: thousands of alerts may have one time. In milliseconds. */
const NARROWEST_MS = 1_000;

/**
 * What to list next, after a page of a slice. Nothing documents the order of the list, and what is updated while it is
 * paged through moves within it; so a slice that does not fit one page is cut in half, and only one too narrow to be cut
 * is paged through. What is updated meanwhile leaves its slice for one that is still to come.
 *
 * @param isFull whether there may be more in the slice than this page
 * @param end where the time ends that is looked at
 * @returns nothing, when all was listed
 */
export function nextSlice({ from, before, skip }: Slice, isFull: boolean, end: number): Slice | undefined {
  const width = before - from;
  if (isFull && width > NARROWEST_MS) return { from, before: from + Math.ceil(width / 2), skip: 0 };
  if (isFull) return { from, before, skip: skip + PAGE_ROWS };
  if (before >= end) return undefined;
  // Where one fitted, a wider one may: a crowded hour must not have the days after it listed by the second.
  return { from: before, before: Math.min(before + 2 * width, end), skip: 0 };
}
