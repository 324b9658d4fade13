import type { StreamRecord } from "./stream-record.ts";

/** How many records of each table came, and what became of them. */
export interface TableCounts {
  /** Records that say something about an alert. */
  alerts: Map<string, number>;
  /** Records of tables playbooks do not start from: wasted bandwidth, if they are many. */
  passedBy: Map<string, number>;
  /** Records of tables this app has never heard of. */
  unknown: Map<string, number>;
}

/** Counts records by table. Maps, as the name of an unknown table is somebody else's text. */
export function countTables(records: Iterable<StreamRecord>): TableCounts {
  const counts: TableCounts = { alerts: new Map(), passedBy: new Map(), unknown: new Map() };
  for (const record of records) {
    const group = counts[groupOf(record)];
    group.set(record.table, (group.get(record.table) ?? 0) + 1);
  }
  return counts;
}

function groupOf(record: StreamRecord): keyof TableCounts {
  if (record.kind !== "other") return "alerts";
  return record.isKnownTable ? "passedBy" : "unknown";
}
