import type { IndicatorType } from "../defender/indicators/indicator.ts";
import type { Severity } from "../severity.ts";
import { oneLine } from "../streaming/one-line.ts";
import { type Claim, worse } from "./claim.ts";
import { rankOf, type Verdict } from "./judge.ts";
import { keyOf, type Observable } from "./normalise.ts";
import type { FeedAction, FeedSettings } from "./sync-settings.ts";

/** A value that at least one feed wants, before it is known whether there is room. Times in milliseconds. */
export interface Candidate {
  key: string;
  type: IndicatorType;
  value: string;
  action: FeedAction;
  severity: Severity;
  generateAlert: boolean;
  seenAt: number;
  lifetimeMs: number;
  expiresAt: number;
  /** The feeds that want it, by name. */
  feeds: readonly string[];
  /** The one of them whose share it uses up. */
  leadingFeed: string;
  /** Names of malware that may be shown. */
  malware: readonly string[];
  /** From 0 to 100, without what it gains by being there already. */
  score: number;
}

/** One value with what all feeds make of it: the strongest action, the highest confidence, the longest life. */
export function candidateOf(
  observable: Observable,
  verdicts: readonly [Verdict, ...Verdict[]],
  claims: ReadonlyMap<string, Claim>,
  feeds: ReadonlyMap<string, FeedSettings>,
  now: Date,
): Candidate {
  const first = verdicts[0];
  const most = (of: (verdict: Verdict) => number) => Math.max(...verdicts.map(of));
  const action = verdicts.reduce((best, { action }) => (rankOf(action) > rankOf(best) ? action : best), first.action);
  const severity = verdicts.reduce<Severity>((worst, one) => worse(worst, one.severity) ?? worst, first.severity);
  const names = verdicts.map(({ feed }) => feed).sort();
  const shareOf = (name: string) => feeds.get(name)?.sharePercent ?? 0;
  const seenAt = most((verdict) => verdict.seenAt);
  const lifetimeMs = most((verdict) => verdict.lifetimeMs);
  return {
    key: keyOf(observable),
    type: observable.type,
    value: observable.value,
    action,
    severity,
    generateAlert: verdicts.some(({ generateAlert }) => generateAlert),
    seenAt,
    lifetimeMs,
    expiresAt: most((verdict) => verdict.expiresAt),
    feeds: names,
    leadingFeed: names.reduce((best, name) => (shareOf(name) > shareOf(best) ? name : best)),
    malware: malwareOf(names, claims, feeds),
    score: scoreOf({
      confidence: most((verdict) => verdict.confidence),
      severity,
      freshness: 100 * Math.max(0, 1 - (now.getTime() - seenAt) / lifetimeMs),
      feeds: names.length,
      sightings: Math.max(0, ...names.map((name) => claims.get(name)?.sightings ?? 0)),
    }),
  };
}

const SEVERITY_SCORE: Record<Severity, number> = { Informational: 0, Low: 25, Medium: 50, High: 100 };
const SOURCES_SCORE = [0, 0, 60, 100];

interface Merits {
  confidence: number;
  severity: Severity;
  freshness: number;
  feeds: number;
  sightings: number;
}

/** How much a value is worth its room, from 0 to 100. */
function scoreOf({ confidence, severity, freshness, feeds, sightings }: Merits): number {
  const sightingsScore = Math.min(100, 50 * Math.log10(1 + sightings));
  const sources = SOURCES_SCORE[Math.min(feeds, 3)] ?? 0;
  return 0.4 * confidence + 0.2 * SEVERITY_SCORE[severity] + 0.2 * freshness + 0.1 * sources + 0.1 * sightingsScore;
}

/** Only names from feeds that let them be shown to everybody who reads the portal. */
function malwareOf(
  names: readonly string[],
  claims: ReadonlyMap<string, Claim>,
  feeds: ReadonlyMap<string, FeedSettings>,
): string[] {
  const shown = names.flatMap((name) => {
    const claim = claims.get(name);
    const tlp = claim?.tlp ?? feeds.get(name)?.tlp;
    return claim?.malware && (tlp === "CLEAR" || tlp === "GREEN") ? [oneLine(claim.malware, 40)] : [];
  });
  return [...new Set(shown)].sort().slice(0, 3);
}
