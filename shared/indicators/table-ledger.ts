import { createHash } from "node:crypto";
import { atOnce } from "../at-once.ts";
import { type LazyTable, MOST_CHANGES } from "../storage/lazy-table.ts";
import type { IndicatorLedger, LedgerRow } from "./ledger.ts";

type Row = { state: string };

const AT_ONCE = 16;

/** So many partitions share the rows of a tenant: each can be changed by many at once. */
const PARTITIONS = "0123456789abcdef";

/** The ledger in table storage. Keys hold values of feeds of any length and with any character: rows go by their hash. */
export function createTableLedger(
  table: Pick<LazyTable, "change" | "ofPartition" | "remove">,
  tenantId: string,
): IndicatorLedger {
  const placeOf = (key: string) => {
    const hash = createHash("sha256").update(key).digest("hex");
    return { partitionKey: `${tenantId}-${hash[0]}`, rowKey: hash };
  };

  return {
    async all() {
      const partitions = await Promise.all(
        [...PARTITIONS].map((digit) => table.ofPartition<Row>(`${tenantId}-${digit}`)),
      );
      return partitions.flat().map(({ state }) => JSON.parse(state) as LedgerRow);
    },
    async put(rows) {
      // The same key twice is not taken in one change: the later one counts.
      const latest = new Map(rows.map((row) => [row.key, row]));
      const upserts = [...latest.values()].map((row) => ({ ...placeOf(row.key), state: JSON.stringify(row) }));
      const changes = [...Map.groupBy(upserts, ({ partitionKey }) => partitionKey).values()].flatMap(inChunks);
      const tasks = changes.map((change) => () => table.change(change.map((upsert) => ({ upsert }))));
      await atOnce(AT_ONCE, tasks, "The ledger of indicators could not be written");
    },
    async remove(keys) {
      // One by one: a change of many is refused as a whole where one is gone already.
      const tasks = keys.map(placeOf).map((place) => () => table.remove(place.partitionKey, place.rowKey));
      await atOnce(AT_ONCE, tasks, "Rows of the ledger of indicators could not be removed");
    },
  };
}

const inChunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / MOST_CHANGES) }, (_, at) =>
    items.slice(at * MOST_CHANGES, (at + 1) * MOST_CHANGES),
  );
