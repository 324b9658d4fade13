import type { Indicator } from "../defender/indicators/indicator.ts";
import { toMilliseconds } from "../duration.ts";
import type { LedgerRow } from "./ledger.ts";
import { type Holdings, isChangedByOthers, type Ownership, standsAs } from "./ownership.ts";

/** A row as the listing shows it to be. */
export interface Found {
  row: LedgerRow;
  /** The indicator of ours, while it is there. */
  held?: Indicator;
  /** Others of the same key that are ours too, which a crash may leave. */
  doubles: Indicator[];
}

/** What ends so soon may be gone from the listing already. */
const ABOUT_TO_END = toMilliseconds({ minutes: 10 });

/**
 * What the listing says about a row: whether an intent was carried out, whether people changed or deleted what we wrote.
 *
 * @returns undefined when there is nothing left to know about it
 */
export function findOut(
  row: LedgerRow,
  { ours }: Holdings,
  owner: Ownership,
  respectDeletesDays: number,
  now: Date,
): Found | undefined {
  const there = ours.get(row.key) ?? [];
  const held =
    there.find((indicator) => indicator.id === row.id && row.state !== "writing") ??
    there.find((one) => standsAs(one, row.written)) ??
    there[0];
  const doubles = there.filter((indicator) => indicator !== held);
  const become = (state: LedgerRow["state"]): LedgerRow => ({ ...row, state, since: now.toISOString() });

  switch (row.state) {
    case "deleted-by-others": {
      const isOver = Date.parse(row.since) + toMilliseconds({ days: respectDeletesDays }) <= now.getTime();
      return isOver ? undefined : { row, doubles: [] };
    }
    case "taken-over":
      return { row: held ? row : become("deleted-by-others"), doubles: [] };
    case "active": {
      if (!held) {
        const hasEnded = Date.parse(row.written.expirationTime) <= now.getTime() + ABOUT_TO_END;
        return hasEnded ? undefined : { row: become("deleted-by-others"), doubles };
      }
      return isChangedByOthers(held, row.written, owner)
        ? { row: become("taken-over"), doubles }
        : { row, held, doubles };
    }
    case "writing": {
      if (!held) return { row, doubles };
      const isDone = standsAs(held, row.written) && row.failures === undefined;
      return { row: isDone ? { ...become("active"), id: held.id } : { ...row, id: held.id }, held, doubles };
    }
    case "deleting":
      return held ? { row, held, doubles } : undefined;
  }
}
