import { type Candidate, candidateOf } from "./candidate.ts";
import type { Claim, Claimed } from "./claim.ts";
import type { Filter } from "./filter.ts";
import { judge, type Verdict } from "./judge.ts";
import type { LedgerRow } from "./ledger.ts";
import type { Observable } from "./normalise.ts";
import { isRefusal, type Refusal, refusal } from "./skip-reason.ts";
import type { FeedSettings } from "./sync-settings.ts";

/** How a feed was read in this run. Not read at all counts as incomplete. */
export type PassOf = (feed: string) => "complete" | "incomplete";

/**
 * All claims on a key: those of this run, and those of the ledger that this run gives no reason to drop. A feed that was not
 * read to its end takes nothing back by silence.
 */
export function allClaims(
  fresh: Claimed | undefined,
  row: LedgerRow | undefined,
  feeds: ReadonlyMap<string, FeedSettings>,
  passOf: PassOf,
): Map<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const old of row?.claims ?? []) {
    const feed = feeds.get(old.feed);
    if (!feed) continue;
    const said = fresh?.claims.get(old.feed);
    if (said) continue;
    const isMissing = feed.holds === "everything" && passOf(feed.name) === "complete";
    const missing = old.missing + (isMissing ? 1 : 0);
    if (missing < feed.missingRuns || !isMissing) claims.set(old.feed, { ...old, missing });
  }
  for (const [name, claim] of fresh?.claims ?? []) {
    if (!feeds.has(name)) continue;
    const old = row?.claims.find(({ feed }) => feed === name);
    // What was last seen only moves on: pages come in any order.
    claims.set(name, old && old.seenAt > claim.seenAt && !claim.revoked ? { ...claim, seenAt: old.seenAt } : claim);
  }
  return claims;
}

/** What a key comes to: a candidate, or the reason why it is none. */
export function weigh(
  observable: Observable,
  claims: ReadonlyMap<string, Claim>,
  feeds: ReadonlyMap<string, FeedSettings>,
  filter: Filter,
  now: Date,
): Candidate | Refusal {
  const objection = filter(observable);
  if (objection) return objection;
  const verdicts: Verdict[] = [];
  let reason: Refusal | undefined;
  for (const claim of claims.values()) {
    const feed = feeds.get(claim.feed);
    const verdict = feed ? judge(observable, claim, feed, now) : undefined;
    if (!verdict) continue;
    if (isRefusal(verdict)) reason ??= verdict;
    else verdicts.push(verdict);
  }
  const [first, ...rest] = verdicts;
  if (!first) return reason ?? refusal("revoked", "no feed lists it any longer");
  return candidateOf(observable, [first, ...rest], claims, feeds, now);
}
