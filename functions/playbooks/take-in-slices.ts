import type { z } from "zod";
import type { Run, Steps } from "../../shared/playbook.ts";
import { nextSlice, type Slice } from "../../shared/sources/alert-poll/slices.ts";
import { takeInListedAlerts } from "../activities/take-in-listed-alerts.ts";

type Listing = Pick<z.input<typeof takeInListedAlerts.input>, "by" | "mode" | "oldest">;

interface TimeRange {
  /** In milliseconds since the epoch. */
  from: number;
  /** Exclusive. */
  end: number;
  /** No more pages than these are listed. */
  mostPages: number;
}

/** What became of all that was listed. */
export interface Taken {
  alerts: number;
  rejected: number;
  started: number;
  joined: number;
  duplicates: number;
  /** Up to when everything was taken in, in milliseconds since the epoch; the end, when nothing is left. */
  upTo: number;
  isAll: boolean;
}

/**
 * Takes in the alerts of some time from the API, slice by slice, and reports how far it is.
 *
 * @param onSlice is told when a slice is through, and the latest time of its alerts, 0 where it has none
 */
export function* takeInSlices(
  run: Run,
  listing: Listing,
  { from, end, mostPages }: TimeRange,
  onSlice?: (slice: Slice, latest: number) => Steps<void>,
): Steps<Taken> {
  const taken = { alerts: 0, rejected: 0, started: 0, joined: 0, duplicates: 0, upTo: from, isAll: false };
  let slice: Slice | undefined = { from, before: end, skip: 0 };
  let latest = 0;
  for (let pages = 0; slice && pages < mostPages; pages++) {
    const page: z.output<typeof takeInListedAlerts.output> = yield* run.step(takeInListedAlerts, {
      ...listing,
      ...slice,
    });
    for (const count of ["alerts", "rejected", "started", "joined", "duplicates"] as const) taken[count] += page[count];
    latest = Math.max(slice.skip === 0 ? 0 : latest, page.latest ?? 0);
    const next = nextSlice(slice, page.isFull, end);
    if (!page.isFull) {
      taken.upTo = slice.before;
      run.report(`${taken.alerts} alerts, up to ${new Date(taken.upTo).toISOString()}`);
      if (onSlice) yield* onSlice(slice, latest);
    }
    slice = next;
  }
  return { ...taken, isAll: slice === undefined };
}
