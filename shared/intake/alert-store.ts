import { createHash } from "node:crypto";
import type { LazyTable } from "../storage/lazy-table.ts";
import { AlertFacts, mergeFacts } from "./alert-facts.ts";

/** What all sources have said of each alert, in whatever order. */
export interface AlertStore {
  /**
   * Adds what a source says. Of two that add the rest of an alert at the same moment at least one gets to see the whole.
   * Safe to repeat: the same words are kept once.
   *
   * @returns all that is known of the alert
   */
  add(facts: AlertFacts): Promise<AlertFacts>;
  get(tenantId: string, alertId: string): Promise<AlertFacts | undefined>;
}

/**
 * In table storage, a partition for each alert: a row for each different thing that was said of it. Nothing is ever
 * changed, so nobody who adds can undo what another adds.
 */
export function createTableAlertStore(table: LazyTable, now: () => Date = () => new Date()): AlertStore {
  async function get(tenantId: string, alertId: string): Promise<AlertFacts | undefined> {
    const rows = await table.ofPartition<{ facts: string }>(partitionOf(tenantId, alertId));
    return mergeFacts(rows.map(({ facts }) => AlertFacts.parse(JSON.parse(facts))))[0];
  }

  return {
    get,
    async add(facts) {
      const { tenantId, alertId } = facts;
      const row = { facts: JSON.stringify(facts), addedAt: now().toISOString() };
      await table.upsert({ partitionKey: partitionOf(tenantId, alertId), rowKey: keyOf(facts), ...row });
      return (await get(tenantId, alertId)) ?? facts;
    },
  };
}

const partitionOf = (tenantId: string, alertId: string): string => `${tenantId}:${alertId}`;

/** Delivered again, a record has another time of delivery and says the same. */
function keyOf({ publishedAt, ...said }: AlertFacts): string {
  const entries = Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(entries.map(([key, value]) => [key, Array.isArray(value) ? [...value].sort() : value]));
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}
