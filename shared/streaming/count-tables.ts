import type { StreamRecord } from "./stream-record.ts";
import type { TableClass } from "./tables.ts";

/**
 * How many records of each table came, by what they are about. Those of neither `alert` nor `evidence` are wasted
 * bandwidth, if they are many; those of `unknown` tables this app has never heard of.
 */
export type TableCounts = Map<TableClass, Map<string, number>>;

/** Counts records by table. Maps, as the name of an unknown table is somebody else's text. */
export function countTables(records: Iterable<StreamRecord>): TableCounts {
  const counts: TableCounts = new Map();
  for (const { table, tableClass } of records) {
    const ofClass = counts.get(tableClass) ?? new Map<string, number>();
    counts.set(tableClass, ofClass.set(table, (ofClass.get(table) ?? 0) + 1));
  }
  return counts;
}
