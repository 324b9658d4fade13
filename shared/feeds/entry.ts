import type { Sighting, Skipped } from "../indicators/sighting.ts";
import type { SkipReason } from "../indicators/skip-reason.ts";
import { oneLine } from "../streaming/one-line.ts";

/** What a parser gives for one value of a feed. */
export type Entry = Sighting | Skipped;

/** So much of a value is kept for the report. */
const LONGEST_SHOWN = 200;

/** A value that becomes no indicator. `detail` may be the feed's own words. */
export const skip = (
  feed: string,
  sourceId: string,
  rawValue: string,
  reason: SkipReason,
  detail?: string,
): Skipped => ({
  feed,
  sourceId,
  rawValue: oneLine(rawValue, LONGEST_SHOWN),
  reason,
  ...(detail && { detail: oneLine(detail, LONGEST_SHOWN) }),
});

/** Without the keys that say nothing, which optional properties must not name. */
export function told<T extends object>(entry: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const said = Object.entries(entry).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(said) as { [K in keyof T]: Exclude<T[K], undefined> };
}
