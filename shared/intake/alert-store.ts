import type { LazyTable } from "../storage/lazy-table.ts";
import { AlertFacts, mergeFacts } from "./alert-facts.ts";

/** What all sources have said of each alert, in whatever order. */
export interface AlertStore {
  /**
   * Adds what a source says. Of two that add to an alert at the same moment, one gets to see what both have said. Safe to
   * repeat.
   *
   * @returns all that is known of the alert
   */
  add(facts: AlertFacts): Promise<AlertFacts>;
  get(tenantId: string, alertId: string): Promise<AlertFacts | undefined>;
}

const ROW = "facts";

/** Sources that speak of the same alert at the same moment overtake each other; each round lets one of them pass. */
const MOST_ROUNDS = 100;

/** In table storage, a row for each alert, which is only ever added to: to what was read, as long as nobody else has. */
export function createTableAlertStore(table: LazyTable, now: () => Date = () => new Date()): AlertStore {
  const partitionOf = (tenantId: string, alertId: string): string => `${tenantId}:${alertId}`;
  const read = (tenantId: string, alertId: string) => table.get<{ facts: string }>(partitionOf(tenantId, alertId), ROW);

  return {
    async add(facts) {
      const { tenantId, alertId } = facts;
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const row = await read(tenantId, alertId);
        const known = row && toFacts(row);
        const merged = known ? (mergeFacts([known, facts])[0] ?? facts) : facts;
        const text = JSON.stringify(merged);
        if (row?.facts === text) return merged;
        const next = {
          partitionKey: partitionOf(tenantId, alertId),
          rowKey: ROW,
          facts: text,
          at: now().toISOString(),
        };
        if (row ? await table.replace(next, row.etag) : await table.insert(next)) return merged;
      }
      throw new Error(`Alert ${alertId} is changed too often to be added to`);
    },
    async get(tenantId, alertId) {
      const row = await read(tenantId, alertId);
      return row && toFacts(row);
    },
  };
}

const toFacts = ({ facts }: { facts: string }): AlertFacts => AlertFacts.parse(JSON.parse(facts));
