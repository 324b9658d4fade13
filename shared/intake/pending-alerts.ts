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
  /**
   * @param after a round that is over: the next ones are used, whatever the clock says
   * @returns the rounds they are in, by the time each began (ISO 8601)
   */
  add(alerts: readonly PendingAlert[], after?: string): Promise<string[]>;
  ofRound(round: string): Promise<PendingAlert[]>;
  /** The rounds that began before a time and hold alerts, oldest first. */
  roundsBefore(time: Date): Promise<string[]>;
  /** Forgets those of a round that were looked at. */
  clear(round: string, looked: readonly PendingAlert[]): Promise<void>;
}

/** How long a round takes up alerts. */
export const ROUND_MS = 5_000;

/** When a round takes up no more alerts, in milliseconds since the epoch. */
export const endOfRound = (round: string): number => Date.parse(round) + ROUND_MS;

export function createTablePendingAlerts(table: LazyTable, now: () => number = Date.now): PendingAlerts {
  /** Writes some to the round that is under way; to the next one where that was over before they were written. */
  async function addSome(some: readonly PendingAlert[], earliest: number): Promise<string> {
    for (let from = earliest; ; ) {
      const began = Math.max(Math.floor(now() / ROUND_MS) * ROUND_MS, from);
      const round = new Date(began).toISOString();
      await table.change(some.map((alert) => ({ upsert: toRow(round, alert) })));
      // A round that was over by then may have been looked at already.
      if (now() < endOfRound(round)) return round;
      from = began + ROUND_MS;
    }
  }

  return {
    async add(alerts, after) {
      const earliest = after === undefined ? 0 : endOfRound(after);
      const once = [...new Map(alerts.map((alert) => [keyOf(alert), alert])).values()];
      const rounds = new Set<string>();
      for (const some of inParts(once)) rounds.add(await addSome(some, earliest));
      return [...rounds];
    },
    async ofRound(round) {
      const rows = await table.ofPartition<PendingAlert>(round);
      return rows.map(({ tenantId, alertId, mode }) => ({ tenantId, alertId, ...(mode && { mode }) }));
    },
    roundsBefore: (time) => table.partitionsBefore(time.toISOString()),
    async clear(round, looked) {
      for (const alert of looked) await table.remove(round, keyOf(alert));
    },
  };
}

const keyOf = ({ tenantId, alertId, mode }: PendingAlert): string => `${tenantId}:${alertId}:${mode ?? ""}`;

const toRow = (round: string, alert: PendingAlert) => {
  const { tenantId, alertId, mode } = alert;
  return { partitionKey: round, rowKey: keyOf(alert), tenantId, alertId, ...(mode && { mode }) };
};

function inParts<T>(all: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let first = 0; first < all.length; first += MOST_CHANGES) parts.push(all.slice(first, first + MOST_CHANGES));
  return parts;
}
