import type { ImportResult } from "../defender/indicators/indicator.ts";
import { toMilliseconds } from "../duration.ts";
import { oneLine } from "../streaming/one-line.ts";
import type { Claim } from "./claim.ts";
import type { DesiredIndicator } from "./desired.ts";

/**
 * Where an indicator stands.
 *
 * `writing`, `deleting`: it was about to be written or deleted, and what became of it is not known. `active`: it was written.
 * `taken-over`: a person has changed it, so it is theirs. `deleted-by-others`: a person deleted it, and meant it.
 */
export type LedgerState = "writing" | "active" | "deleting" | "taken-over" | "deleted-by-others";

/** What the sync knows of one key. JSON, to be kept as a row. */
export interface LedgerRow {
  key: string;
  state: LedgerState;
  /** Since when it is in this state. */
  since: string;
  /** Defender's id, once it is known. */
  id?: string;
  /** What was last sent, or is about to be. */
  written: DesiredIndicator;
  /** What feeds say of it; outlives the readings, as feeds of recent values do not repeat themselves. */
  claims: readonly Claim[];
  failures?: number;
  nextTry?: string;
  lastReason?: string;
}

/** Where the ledger is kept. A lost row makes an indicator foreign; it is then never touched again. */
export interface IndicatorLedger {
  all(): Promise<LedgerRow[]>;
  /** Creates or replaces; safe to repeat. */
  put(rows: readonly LedgerRow[]): Promise<void>;
  /** Safe to repeat. */
  remove(keys: readonly string[]): Promise<void>;
}

const HOURS_BETWEEN_TRIES = [1, 6, 24, 7 * 24];

/** The row after Defender has answered for it. */
export function settled(row: LedgerRow, result: ImportResult, now: Date): LedgerRow {
  const { failures = 0, nextTry: _next, lastReason: _reason, ...rest } = row;
  const since = now.toISOString();
  if (!result.isFailed) return { ...rest, state: "active", since, ...(result.id && { id: result.id }) };
  const hours = HOURS_BETWEEN_TRIES[Math.min(failures, HOURS_BETWEEN_TRIES.length - 1)] ?? 1;
  return {
    ...row,
    failures: failures + 1,
    nextTry: new Date(now.getTime() + toMilliseconds({ hours })).toISOString(),
    lastReason: oneLine(result.failureReason ?? "no reason given", 200),
  };
}
