import type { IndicatorType } from "../defender/indicators/indicator.ts";
import type { Severity } from "../severity.ts";
import type { Refusal } from "./skip-reason.ts";
import type { Tlp } from "./tlp.ts";

/** What a feed says the value is. `Network` leaves open whether it is an address, a domain or a URL. */
export type SightedType = IndicatorType | "Network";

/** One value as a feed gives it, not yet brought into the form Defender takes. Times are ISO, in UTC. */
export interface Sighting {
  feed: string;
  /** What the feed calls it: a STIX id, a UUID, a line. */
  sourceId: string;
  type: SightedType;
  rawValue: string;
  /** Absent where the feed says nothing: that is not none. */
  confidence?: number;
  severity?: Severity;
  tlp?: Tlp;
  firstSeen?: string;
  lastSeen?: string;
  validUntil?: string;
  malware?: string;
  sightings?: number;
  /** The feed has withdrawn it: it was here and is no longer meant. */
  revoked?: true;
  /** Terms that narrowed it were dropped, so it matches more than the feed means. */
  widened?: true;
  /** A legitimate site that was broken into. */
  isCompromised?: true;
}

/** A value that becomes no indicator, and why. */
export interface Skipped extends Refusal {
  feed: string;
  sourceId: string;
  rawValue: string;
}

/** What one pass over one feed gave. */
export interface Reading {
  feed: string;
  sightings: Sighting[];
  skipped: Skipped[];
  /** Why the pass did not reach the end of the feed; nothing is deleted for what is missing in it. */
  incomplete?: string;
}

export const isSkipped = (one: Sighting | Skipped): one is Skipped => "reason" in one;

/** Puts what a parser gave, one by one, into a reading. */
export function readingOf(feed: string, entries: Iterable<Sighting | Skipped>, incomplete?: string): Reading {
  const reading: Reading = { feed, sightings: [], skipped: [], ...(incomplete !== undefined && { incomplete }) };
  for (const entry of entries) {
    if (isSkipped(entry)) reading.skipped.push(entry);
    else reading.sightings.push(entry);
  }
  return reading;
}

/** A pass that gave nothing that could be read. */
export const unreadable = (feed: string, incomplete: string): Reading => readingOf(feed, [], incomplete);

/** The pages of one pass as one reading: incomplete if one page is. */
export function joinReadings(feed: string, pages: readonly Reading[]): Reading {
  const incomplete = pages.find((page) => page.incomplete !== undefined)?.incomplete;
  return readingOf(
    feed,
    pages.flatMap(({ sightings, skipped }) => [...sightings, ...skipped]),
    incomplete,
  );
}

/** How many were skipped for each reason, for the report. */
export function countReasons(skipped: readonly Refusal[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of skipped) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
