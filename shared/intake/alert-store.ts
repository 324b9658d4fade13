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

/** A property holds at most 64 KiB, that is 32 Ki characters; an alert on a whole fleet is longer. */
const LONGEST_PART = 30_000;

/** The facts as JSON, in parts. */
type Parts = { parts: number } & Record<`part${number}`, string>;

/** Sources that speak of the same alert at the same moment overtake each other; each round lets one of them pass. */
const MOST_ROUNDS = 100;

/** In table storage, a row for each alert, which is only ever added to: to what was read, as long as nobody else has. */
export function createTableAlertStore(table: LazyTable, now: () => Date = () => new Date()): AlertStore {
  const partitionOf = (tenantId: string, alertId: string): string => `${tenantId}:${alertId}`;
  const read = (tenantId: string, alertId: string) => table.get<Parts>(partitionOf(tenantId, alertId), ROW);

  return {
    async add(facts) {
      const { tenantId, alertId } = facts;
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const row = await read(tenantId, alertId);
        const known = row && toFacts(row);
        const merged = known ? (mergeFacts([known, facts])[0] ?? facts) : facts;
        const text = asciiJson(merged);
        if (row && textOf(row) === text) return merged;
        const keys = { partitionKey: partitionOf(tenantId, alertId), rowKey: ROW };
        const next = { ...keys, ...inParts(text), at: now().toISOString() };
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

const toFacts = (row: Parts): AlertFacts => AlertFacts.parse(JSON.parse(textOf(row)));

/** JSON in ASCII alone: a text may be cut anywhere then, and no character takes more than its length. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

function inParts(text: string): Parts {
  const row: Parts = { parts: Math.ceil(text.length / LONGEST_PART) };
  for (let part = 0; part < row.parts; part++) {
    row[`part${part}`] = text.slice(part * LONGEST_PART, (part + 1) * LONGEST_PART);
  }
  return row;
}

const textOf = (row: Parts): string =>
  Array.from({ length: row.parts }, (_, part) => row[`part${part}`] ?? "").join("");
