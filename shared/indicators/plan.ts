import type { Indicator } from "../defender/indicators/indicator.ts";
import type { DesiredIndicator } from "./desired.ts";
import type { LedgerRow } from "./ledger.ts";
import type { Reading, Skipped } from "./sighting.ts";
import type { FeedSettings, SyncSettings } from "./sync-settings.ts";
import type { WarningListInUse } from "./warning-list.ts";

/** All that a run knows. Nothing else has a say in what it does. */
export interface World {
  now: Date;
  settings: SyncSettings & { appId: string };
  warningLists: readonly WarningListInUse[];
  /** At most one per feed. */
  readings: readonly Reading[];
  /** What the tenant has, whoever made it. */
  indicators: readonly Indicator[];
  /** Whether the listing reached its end. */
  isListComplete: boolean;
  ledger: readonly LedgerRow[];
  /** A person has said that the removals of this run may be made, however many. */
  letRemovalsPass?: boolean;
}

export interface PlannedDelete {
  key: string;
  id: string;
  /** A reason to skip, `missing`, `replaced` (it is made anew with another action) or `double`. */
  why: string;
}

export interface PlannedWrite {
  key: string;
  why: "new" | "changed" | "renewed" | "replaced" | "unsettled";
  indicator: DesiredIndicator;
}

/** What is to be done, in this order: ledger rows, deletes, writes. */
export interface Plan {
  /** Why nothing may be done at all; the rest is empty then. */
  stopped: string[];
  /** Rows that change before anything is done: intents, what was found out about earlier ones, claims. */
  rows: LedgerRow[];
  /** Rows that are over. */
  over: string[];
  deletes: PlannedDelete[];
  writes: PlannedWrite[];
  /** Removals that are too many to make unasked. */
  heldBack: PlannedDelete[];
  report: PlanReport;
}

export interface PlanReport {
  /** Values that are no indicator, each with its reason. Those of readings are not repeated here. */
  skipped: Skipped[];
  /** Feeds whose pass did not count as complete, and why. */
  incomplete: Record<string, string>;
  candidates: number;
  budget: number;
  kept: number;
  /** The score of the best that found no room. */
  cutOffScore?: number;
}

/** Defender takes so many at once. */
const BATCH = 500;

/** The calls that carry out a plan: all deletes first, as room is needed before it is filled. */
export function batchesOf(
  { deletes, writes }: Plan,
  size = BATCH,
): { deletes: PlannedDelete[][]; writes: PlannedWrite[][] } {
  return { deletes: chunks(deletes, size), writes: chunks(writes, size) };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** The feeds that are in use, by name. */
export const feedsOf = ({ feeds }: SyncSettings): Map<string, FeedSettings> =>
  new Map(feeds.filter(({ enabled }) => enabled).map((feed) => [feed.name, feed]));
