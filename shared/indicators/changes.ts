import { toMilliseconds } from "../duration.ts";
import type { Candidate } from "./candidate.ts";
import type { Claim } from "./claim.ts";
import { type DesiredIndicator, desiredOf } from "./desired.ts";
import type { LedgerRow } from "./ledger.ts";
import type { Found } from "./ledger-facts.ts";
import type { Plan, PlannedDelete, PlannedWrite, World } from "./plan.ts";
import type { Known } from "./plan-sync.ts";
import type { Refusal } from "./skip-reason.ts";

/** What ends within the hour is left to end. */
const SOON = toMilliseconds({ hours: 1 });

/** The difference between what should be there and what is there. */
export function changesOf(
  world: World,
  known: readonly Known[],
  chosen: readonly Candidate[],
  reasons: ReadonlyMap<string, Refusal>,
  budget: number,
): Plan {
  const { settings, now } = world;
  const byKey = new Map(known.map((one) => [one.key, one]));
  const before = new Map(world.ledger.map((row) => [row.key, row]));
  const removals = known.flatMap((one) => removalOf(one, reasons, now));
  const heldBack = world.letRemovalsPass || removals.length <= mostRemovals(world, known) ? [] : removals;
  const deletes: PlannedDelete[] = heldBack.length > 0 ? [] : removals;
  for (const { key, found } of known) {
    for (const { id } of found?.doubles ?? []) deletes.push({ key, id, why: "double" });
  }

  const rows = new Map<string, LedgerRow>();
  const writes: PlannedWrite[] = [];
  // Where removals are held back, their room is not free.
  let room = heldBack.length > 0 ? budget - known.filter(({ found }) => found?.held).length : Number.POSITIVE_INFINITY;
  for (const candidate of chosen) {
    const { found, claims } = byKey.get(candidate.key) as Known;
    const desired = desiredOf(candidate, settings.marker);
    const write = writeFor(candidate, desired, found, now);
    if (!found?.held && room-- <= 0) continue;
    if (write?.why === "replaced" && found?.held) deletes.push({ key: write.key, id: found.held.id, why: "replaced" });
    if (write) writes.push(write);
    const row = write ? intent(write, found, now) : (found as Found).row;
    rows.set(candidate.key, { ...row, claims: stored(claims) });
  }
  for (const { key } of deletes.filter(({ why }) => why !== "double" && why !== "replaced")) {
    const found = byKey.get(key)?.found;
    if (found) rows.set(key, { ...found.row, state: "deleting", since: now.toISOString() });
  }
  for (const { key, found, claims } of known) {
    if (rows.has(key) || !found) continue;
    const { row, held } = found;
    const reason = reasons.get(key)?.reason;
    // Not wanted and not there, all is said about it, unless it is to be remembered what people did or Defender answered.
    const isRemembered = row.state === "taken-over" || row.state === "deleted-by-others" || reason === "waiting";
    if (held || isRemembered || reason === undefined)
      rows.set(key, { ...row, claims: held ? stored(claims) : row.claims });
  }

  const written = new Set(writes.map(({ key }) => key));
  return {
    stopped: [],
    // Those of writes also where a lost run noted just the same: what becomes of a write is noted on its row.
    rows: [...rows.values()].filter((row) => written.has(row.key) || !isSame(row, before.get(row.key))),
    over: [...before.keys()].filter((key) => !rows.has(key)),
    deletes,
    writes,
    heldBack,
    report: {
      skipped: [],
      incomplete: {},
      candidates: 0,
      budget,
      kept: known.filter(({ found }) => found?.held).length - removals.length,
    },
  };
}

const stored = (claims: ReadonlyMap<string, Claim>): Claim[] =>
  [...claims.values()].filter(({ revoked }) => !revoked).sort((one, other) => (one.feed < other.feed ? -1 : 1));

const isSame = (row: LedgerRow, before: LedgerRow | undefined): boolean =>
  JSON.stringify(row) === JSON.stringify(before);

/** The removal of an indicator of ours that is not wanted any more. One that others have too is left alone. */
function removalOf({ key, found }: Known, reasons: ReadonlyMap<string, Refusal>, now: Date): PlannedDelete[] {
  const why = reasons.get(key)?.reason;
  if (!found?.held || why === undefined || why === "exists-foreign") return [];
  const endsSoon = Date.parse(found.held.expirationTime ?? "") <= now.getTime() + SOON;
  return endsSoon && why === "expired" ? [] : [{ key, id: found.held.id, why }];
}

const mostRemovals = ({ settings: { removals } }: World, known: readonly Known[]): number =>
  Math.max(removals.always, (removals.percent / 100) * known.filter(({ found }) => found?.held).length);

/** What has to be written for a candidate, if anything. */
function writeFor(
  candidate: Candidate,
  desired: DesiredIndicator,
  found: Found | undefined,
  now: Date,
): PlannedWrite | undefined {
  const write = (why: PlannedWrite["why"]): PlannedWrite => ({ key: candidate.key, why, indicator: desired });
  if (!found?.held) return write("new");
  const { row, held } = found;
  if (row.nextTry !== undefined && Date.parse(row.nextTry) > now.getTime()) return undefined;
  // Defender may keep two indicators where only the action differs.
  if (held.action !== desired.action) return write("replaced");
  if (row.state !== "active") return write("unsettled");
  if (!looksAlike(row.written, desired)) return write("changed");
  const end = Date.parse(row.written.expirationTime);
  const wantedEnd = Date.parse(desired.expirationTime);
  if (wantedEnd < end) return write("changed");
  // Renewing each at every run would rewrite all of them for an hour more.
  const isHalfOver = end - now.getTime() < candidate.lifetimeMs / 2;
  return wantedEnd > end && isHalfOver ? write("renewed") : undefined;
}

const COMPARED = ["action", "severity", "title", "description", "generateAlert"] as const;

const looksAlike = (one: DesiredIndicator, other: DesiredIndicator): boolean =>
  COMPARED.every((name) => one[name] === other[name]);

/** What is noted before a write: should the answer be lost, the next run looks whether it was carried out. */
function intent({ key, indicator }: PlannedWrite, found: Found | undefined, now: Date): LedgerRow {
  const { failures, nextTry, lastReason } = found?.row ?? {};
  return {
    key,
    state: "writing",
    since: now.toISOString(),
    ...(found?.held && { id: found.held.id }),
    written: indicator,
    claims: [],
    ...(failures !== undefined && { failures }),
    ...(nextTry !== undefined && { nextTry }),
    ...(lastReason !== undefined && { lastReason }),
  };
}
