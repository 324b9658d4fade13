import type { Severity } from "../severity.ts";
import { Severity as Severities } from "../severity.ts";
import { keyOf, normalise, type Observable } from "./normalise.ts";
import type { Reading, Sighting, Skipped } from "./sighting.ts";
import { isRefusal } from "./skip-reason.ts";
import { stricter, type Tlp } from "./tlp.ts";

/** What one feed says of one value, whatever number of its entries say it. Stands in the ledger as long as it counts. */
export interface Claim {
  feed: string;
  /** When it was last seen, by the feed's own account; the day of the reading where the feed gives no time. */
  seenAt: string;
  confidence?: number;
  severity?: Severity;
  tlp?: Tlp;
  validUntil?: string;
  malware?: string;
  sightings?: number;
  revoked?: true;
  widened?: true;
  isCompromised?: true;
  /** In how many complete passes since it was missing. */
  missing: number;
}

/** All that is said of one value. */
export interface Claimed {
  observable: Observable;
  claims: Map<string, Claim>;
}

/** Brings the sightings of all readings together by value. */
export function claimsOf(
  readings: readonly Reading[],
  now: Date,
): { claimed: Map<string, Claimed>; skipped: Skipped[] } {
  const claimed = new Map<string, Claimed>();
  const skipped: Skipped[] = [];
  for (const { sightings } of readings) {
    for (const sighting of sightings) {
      const observable = normalise(sighting.type, sighting.rawValue);
      if (isRefusal(observable)) {
        const { feed, sourceId, rawValue } = sighting;
        skipped.push({ feed, sourceId, rawValue: rawValue.slice(0, 200), ...observable });
        continue;
      }
      const key = keyOf(observable);
      const entry = claimed.get(key) ?? { observable, claims: new Map<string, Claim>() };
      const claim = claimOf(sighting, observable, now);
      const other = entry.claims.get(claim.feed);
      entry.claims.set(claim.feed, other ? together(other, claim) : claim);
      claimed.set(key, entry);
    }
  }
  return { claimed, skipped };
}

function claimOf(sighting: Sighting, observable: Observable, now: Date): Claim {
  const { feed, sourceId: _id, type: _type, rawValue: _raw, firstSeen, lastSeen, ...said } = sighting;
  // A time ahead of the clock would keep the value for longer than it may live.
  const seen = Math.min(Date.parse(lastSeen ?? firstSeen ?? ""), now.getTime());
  const seenAt = Number.isNaN(seen) ? `${now.toISOString().slice(0, 10)}T00:00:00.000Z` : new Date(seen).toISOString();
  return { feed, seenAt, ...said, ...(observable.widened && { widened: true }), missing: 0 };
}

/** Two claims of one feed as one: what makes it stronger counts, and withdrawn is only what all entries withdraw. */
export function together(one: Claim, other: Claim): Claim {
  if (one.revoked !== other.revoked) return one.revoked ? other : one;
  return defined({
    feed: one.feed,
    seenAt: later(one.seenAt, other.seenAt) ?? one.seenAt,
    confidence: most(one.confidence, other.confidence),
    severity: worse(one.severity, other.severity),
    tlp: stricter(one.tlp, other.tlp),
    validUntil: one.validUntil && other.validUntil && later(one.validUntil, other.validUntil),
    malware: [one.malware, other.malware].filter((name) => name !== undefined).sort()[0],
    sightings: most(one.sightings, other.sightings),
    revoked: one.revoked,
    widened: one.widened && other.widened,
    isCompromised: one.isCompromised || other.isCompromised,
    missing: Math.min(one.missing, other.missing),
  });
}

const later = (one?: string, other?: string) => (one && other ? (one > other ? one : other) : (one ?? other));
const most = (one?: number, other?: number) => (one === undefined ? other : Math.max(one, other ?? one));

/** The graver of two severities. */
export const worse = (one?: Severity, other?: Severity): Severity | undefined =>
  one && other ? (Severities.options.indexOf(one) >= Severities.options.indexOf(other) ? one : other) : (one ?? other);

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the keys that say nothing. */
function defined<T extends object>(claim: T): Defined<T> {
  return Object.fromEntries(Object.entries(claim).filter(([, value]) => value !== undefined)) as Defined<T>;
}
