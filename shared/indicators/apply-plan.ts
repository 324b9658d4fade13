import type { ImportResult } from "../defender/indicators/indicator.ts";
import type { DesiredIndicator } from "./desired.ts";
import { type IndicatorLedger, type LedgerRow, settled } from "./ledger.ts";
import type { Plan, PlannedDelete, PlannedWrite } from "./plan.ts";

/** The calls to Defender that change indicators: at most 500 at once. */
export interface IndicatorWrites {
  /** @returns what became of each, in the order given */
  import(indicators: readonly DesiredIndicator[]): Promise<ImportResult[]>;
  /** Those that are gone already count as deleted. */
  batchDelete(ids: readonly string[]): Promise<unknown>;
}

/** Notes what a plan is about to do, and what it found out. Comes before all else; safe to repeat. */
export async function noteIntents({ rows, over }: Pick<Plan, "rows" | "over">, ledger: IndicatorLedger): Promise<void> {
  await ledger.put(rows);
  await ledger.remove(over);
}

/** Deletes a batch, and forgets what was only kept for it. Safe to repeat, also after the answer was lost. */
export async function deleteBatch(
  batch: readonly PlannedDelete[],
  { indicators, ledger }: { indicators: Pick<IndicatorWrites, "batchDelete">; ledger: IndicatorLedger },
): Promise<void> {
  await indicators.batchDelete(batch.map(({ id }) => id));
  // What is written anew, or has another of the same key beside it, goes on.
  await ledger.remove(batch.flatMap(({ key, why }) => (why === "replaced" || why === "double" ? [] : [key])));
}

/** What came of a batch of writes. */
export interface Written {
  written: number;
  /** Those that Defender refused, with its words. */
  failed: { key: string; reason: string }[];
}

/**
 * Writes a batch, and notes for each what became of it. Safe to repeat: an import changes what is there. An indicator that
 * Defender refuses keeps none of the others from being written.
 *
 * @param rows the rows that were noted for the batch, by key
 */
export async function writeBatch(
  batch: readonly PlannedWrite[],
  rows: ReadonlyMap<string, LedgerRow>,
  { indicators, ledger, now }: { indicators: Pick<IndicatorWrites, "import">; ledger: IndicatorLedger; now: Date },
): Promise<Written> {
  const results = await indicators.import(batch.map(({ indicator }) => indicator));
  const after = batch.flatMap(({ key }, at) => {
    const row = rows.get(key);
    const result = results[at];
    return row && result ? [settled(row, result, now)] : [];
  });
  await ledger.put(after);
  const failed = after.flatMap(({ key, state, lastReason }) =>
    state === "active" ? [] : [{ key, reason: lastReason ?? "" }],
  );
  return { written: batch.length - failed.length, failed };
}
