import type { Mode } from "../mode.ts";
import type { LazyTable } from "../storage/lazy-table.ts";
import { MOST_CHANGES } from "../storage/lazy-table.ts";

/** An alert of which something is still missing. */
export interface PendingAlert {
  tenantId: string;
  alertId: string;
  /** What its runs are to do, where the source says so. */
  mode?: Mode | undefined;
}

/**
 * Alerts that are looked at once more when they had time to become complete. Those that came within the same few seconds
 * make up a round, so that thousands of alerts need one timer.
 */
export interface PendingAlerts {
  /** @returns the round they are in, by the time it began (ISO 8601) */
  add(alerts: readonly PendingAlert[]): Promise<string>;
  ofRound(round: string): Promise<PendingAlert[]>;
  /** Forgets a round. */
  clear(round: string): Promise<void>;
}

/** How long a round takes up alerts. */
export const ROUND_MS = 5_000;

/** When a round takes up no more alerts, in milliseconds since the epoch. */
export const endOfRound = (round: string): number => Date.parse(round) + ROUND_MS;

export function createTablePendingAlerts(table: LazyTable, now: () => number = Date.now): PendingAlerts {
  return {
    async add(alerts) {
      for (;;) {
        const round = new Date(Math.floor(now() / ROUND_MS) * ROUND_MS).toISOString();
        const rows = alerts.map(({ tenantId, alertId, mode }) => {
          const rowKey = `${tenantId}:${alertId}:${mode ?? ""}`;
          return { upsert: { partitionKey: round, rowKey, tenantId, alertId, ...(mode && { mode }) } };
        });
        for (const some of inParts(rows)) await table.change(some);
        // A round that was over by then may have been looked at already.
        if (now() < endOfRound(round)) return round;
      }
    },
    async ofRound(round) {
      const rows = await table.ofPartition<PendingAlert>(round);
      return rows.map(({ tenantId, alertId, mode }) => ({ tenantId, alertId, ...(mode && { mode }) }));
    },
    async clear(round) {
      const rows = await table.ofPartition<{ rowKey: string }>(round);
      const gone = rows.map(({ rowKey }) => ({ remove: { partitionKey: round, rowKey } }));
      for (const some of inParts(gone)) await table.change(some);
    },
  };
}

function inParts<T>(all: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let first = 0; first < all.length; first += MOST_CHANGES) parts.push(all.slice(first, first + MOST_CHANGES));
  return parts;
}
