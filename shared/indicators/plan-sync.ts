import type { Indicator, IndicatorType } from "../defender/indicators/indicator.ts";
import type { Candidate } from "./candidate.ts";
import { changesOf } from "./changes.ts";
import { type Claim, type Claimed, claimsOf } from "./claim.ts";
import { createFilter, observableOfKey } from "./filter.ts";
import { type Found, findOut } from "./ledger-facts.ts";
import { divide, type Holdings } from "./ownership.ts";
import { feedsOf, type Plan, type World } from "./plan.ts";
import { rank } from "./rank.ts";
import type { Skipped } from "./sighting.ts";
import { isRefusal, type Refusal, refusal } from "./skip-reason.ts";
import type { FeedSettings } from "./sync-settings.ts";
import { allClaims, type PassOf, weigh } from "./wanted.ts";

/** One key with all that is known of it. */
export interface Known {
  key: string;
  claims: ReadonlyMap<string, Claim>;
  found?: Found;
  outcome: Candidate | Refusal;
}

/**
 * Says what is to be done so that the tenant has what it should have: pure, and the same for a run, a dry run and a test. The
 * same world twice gives an empty plan the second time; a plan that was carried out in part is simply made again.
 */
export function planSync(world: World): Plan {
  const { settings, now } = world;
  const feeds = feedsOf(settings);
  const rows = new Map(world.ledger.map((row) => [row.key, row]));
  const holdings = divide(world.indicators, rows, settings);
  const { claimed, skipped } = claimsOf(
    world.readings.filter(({ feed }) => feeds.has(feed)),
    now,
  );
  const incomplete = incompleteFeeds(world, feeds, claimed);
  const report = { skipped, incomplete, candidates: 0, budget: 0, kept: 0 };
  const empty: Plan = { stopped: [], rows: [], over: [], deletes: [], writes: [], heldBack: [], report };

  const stopped = reasonsToStop(world, holdings);
  if (stopped.length > 0) return { ...empty, stopped };

  const known = knownKeys(world, feeds, holdings, claimed, (feed) => (feed in incomplete ? "incomplete" : "complete"));
  const held = new Map(known.flatMap(({ key, found }) => (found?.held ? [[key, found.held] as const] : [])));
  const budget = settings.capacity - settings.reserve - (world.indicators.length - countOf(known, held));
  if (budget < 0) return { ...empty, stopped: [`others hold so many indicators that ${-budget} too many are there`] };

  const candidates = known.flatMap(({ outcome }) => (isRefusal(outcome) ? [] : [outcome]));
  const shares = new Map(
    [...feeds.values()].map(({ name, sharePercent }) => [name, Math.floor((budget * sharePercent) / 100)]),
  );
  const floors = new Map(Object.entries(settings.floors) as [IndicatorType, number][]);
  const { chosen, cut } = rank(candidates, { budget, shares, floors }, (key) => held.has(key));

  const reasons = new Map(known.flatMap(({ key, outcome }) => (isRefusal(outcome) ? [[key, outcome] as const] : [])));
  for (const { candidate, reason } of cut) reasons.set(candidate.key, refusal(reason));
  const plan = changesOf(world, known, chosen, reasons, budget);
  return {
    ...plan,
    report: {
      ...report,
      skipped: [...skipped, ...refusals(reasons, claimed)],
      candidates: candidates.length,
      budget,
      kept: plan.report.kept,
      ...(cut[0] && { cutOffScore: cut[0].candidate.score }),
    },
  };
}

/** The indicators that a plan may write or delete; what people took over counts as theirs. */
const countOf = (known: readonly Known[], held: ReadonlyMap<string, Indicator>): number =>
  held.size + known.reduce((sum, { found }) => sum + (found?.doubles.length ?? 0), 0);

function knownKeys(
  { settings, warningLists, now, ledger }: World,
  feeds: ReadonlyMap<string, FeedSettings>,
  holdings: Holdings,
  claimed: ReadonlyMap<string, Claimed>,
  passOf: PassOf,
): Known[] {
  const filter = createFilter({ allow: settings.allow, warningLists }, now);
  const rows = new Map(ledger.map((row) => [row.key, row]));
  const keys = new Set([...rows.keys(), ...claimed.keys()]);
  return [...keys].flatMap((key) => {
    const fresh = claimed.get(key);
    const row = rows.get(key);
    const found = row && findOut(row, holdings, settings, settings.respectDeletesDays, now);
    const observable = fresh?.observable ?? observableOfKey(key);
    const claims = allClaims(fresh, found && row, feeds, passOf);
    if (!fresh && !found) return [{ key, claims, outcome: refusal("expired") }];
    const outcome =
      belongsToOthers(key, found, holdings, now) ??
      (observable ? weigh(observable, claims, feeds, filter, now) : refusal("not-readable", key));
    return [{ key, claims, ...(found && { found }), outcome }];
  });
}

/** Why a key is not ours to decide on. */
function belongsToOthers(key: string, found: Found | undefined, { foreign }: Holdings, now: Date): Refusal | undefined {
  const other = foreign.get(key)?.[0];
  if (other) return refusal("exists-foreign", other.action ?? undefined);
  if (!found) return undefined;
  const { state, nextTry, lastReason } = found.row;
  if (state === "taken-over" || state === "deleted-by-others") return refusal(state);
  const mustWait = !found.held && nextTry !== undefined && Date.parse(nextTry) > now.getTime();
  return mustWait ? refusal("waiting", lastReason) : undefined;
}

/** So many values must a feed have had before half of them missing is worth a doubt. */
const FEW = 20;

/** The feeds whose pass takes nothing back, and why: it did not reach the end, or gave suspiciously little. */
function incompleteFeeds(
  { readings, ledger }: World,
  feeds: ReadonlyMap<string, FeedSettings>,
  claimed: ReadonlyMap<string, Claimed>,
): Record<string, string> {
  const now = new Map<string, number>();
  const before = new Map<string, number>();
  const count = (counts: Map<string, number>, feed: string) => counts.set(feed, (counts.get(feed) ?? 0) + 1);
  for (const { claims } of claimed.values()) for (const feed of claims.keys()) count(now, feed);
  for (const { claims } of ledger) for (const { feed } of claims) count(before, feed);

  const incomplete: Record<string, string> = {};
  for (const { name, holds } of feeds.values()) {
    const reading = readings.find(({ feed }) => feed === name);
    const had = before.get(name) ?? 0;
    const has = now.get(name) ?? 0;
    if (!reading) incomplete[name] = "it was not read";
    else if (reading.incomplete !== undefined) incomplete[name] = reading.incomplete;
    else if (holds === "everything" && had > FEW && has < had / 2) {
      incomplete[name] = `it shrank from ${had} values in use to ${has}`;
    }
  }
  return incomplete;
}

/** A listing that is cut short looks like a tenant from which everything has vanished. */
function reasonsToStop({ isListComplete, ledger, now }: World, { ours }: Holdings): string[] {
  if (!isListComplete) return ["the listing of indicators did not reach its end"];
  const expected = ledger.filter(
    ({ state, written }) => state === "active" && Date.parse(written.expirationTime) > now.getTime(),
  );
  const missing = expected.filter(({ key }) => !ours.has(key)).length;
  const isTooMuch = missing > Math.max(FEW, 0.2 * expected.length);
  return isTooMuch ? [`the listing lacks ${missing} of the ${expected.length} indicators that should be there`] : [];
}

/** What feeds gave in this run and does not become an indicator. */
function refusals(reasons: ReadonlyMap<string, Refusal>, claimed: ReadonlyMap<string, Claimed>): Skipped[] {
  return [...reasons].flatMap(([key, why]) => {
    const entry = claimed.get(key);
    return entry
      ? [{ feed: [...entry.claims.keys()].join(", "), sourceId: key, rawValue: entry.observable.value, ...why }]
      : [];
  });
}
