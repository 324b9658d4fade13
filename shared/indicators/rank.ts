import type { IndicatorType } from "../defender/indicators/indicator.ts";
import type { Candidate } from "./candidate.ts";
import { rankOf } from "./judge.ts";

/** What is there already ranks so much higher that equals do not change places at each run. */
export const STAYING_POINTS = 5;

/** The room there is. */
export interface Room {
  /** How many indicators in all. */
  budget: number;
  /** How many of them each feed may lead at most; no limit for those not named. */
  shares: ReadonlyMap<string, number>;
  /** How many of each type come before all others, as far as there are so many. */
  floors: ReadonlyMap<IndicatorType, number>;
}

export interface Ranking<C extends Candidate> {
  /** Best first. */
  chosen: C[];
  cut: { candidate: C; reason: "feed-share" | "over-budget" }[];
}

/** A total order: of no two candidates is it open which comes first. */
export function compareCandidates(one: Candidate, other: Candidate, isHeld: (key: string) => boolean): number {
  const points = (candidate: Candidate) => candidate.score + (isHeld(candidate.key) ? STAYING_POINTS : 0);
  return (
    rankOf(other.action) - rankOf(one.action) ||
    points(other) - points(one) ||
    other.seenAt - one.seenAt ||
    (one.key < other.key ? -1 : 1)
  );
}

/**
 * Chooses which candidates get the room: first each type's floor, then the best of all, no feed above its share.
 *
 * What was chosen is chosen again once it is there, be it in part: for the floors it counts for nothing what is there, so
 * they are the same each time, and among the rest a greedy choice only gets firmer by what it gains.
 */
export function rank<C extends Candidate>(
  candidates: readonly C[],
  { budget, shares, floors }: Room,
  isHeld: (key: string) => boolean,
): Ranking<C> {
  const byMerit = candidates.toSorted((one, other) => compareCandidates(one, other, () => false));
  const order = candidates.toSorted((one, other) => compareCandidates(one, other, isHeld));
  const taken = new Set<C>();
  const used = new Map<string, number>();
  const mayLead = ({ leadingFeed }: C) =>
    (used.get(leadingFeed) ?? 0) < (shares.get(leadingFeed) ?? Number.POSITIVE_INFINITY);
  const take = (candidate: C): boolean => {
    if (taken.size >= budget || !mayLead(candidate)) return false;
    taken.add(candidate);
    used.set(candidate.leadingFeed, (used.get(candidate.leadingFeed) ?? 0) + 1);
    return true;
  };

  for (const [type, floor] of floors) {
    let count = 0;
    for (const candidate of byMerit) {
      if (count >= floor) break;
      if (candidate.type === type && take(candidate)) count += 1;
    }
  }
  for (const candidate of order) if (!taken.has(candidate)) take(candidate);

  return {
    chosen: order.filter((candidate) => taken.has(candidate)),
    cut: order
      .filter((candidate) => !taken.has(candidate))
      .map((candidate) => ({ candidate, reason: mayLead(candidate) ? "over-budget" : "feed-share" })),
  };
}
