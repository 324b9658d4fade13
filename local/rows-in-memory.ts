import type { Change, LazyTable, TableRow } from "../shared/storage/lazy-table.ts";

/** Rows that go with the process, read and changed as those of a storage table are. */
export function rowsInMemory(): Pick<LazyTable, "get" | "change" | "ofPartition"> {
  const rows = new Map<string, TableRow & { etag: string }>();
  const keyOf = ({ partitionKey, rowKey }: TableRow) => JSON.stringify([partitionKey, rowKey]);
  const rowOf = (change: Change) => Object.values(change)[0] as TableRow;
  let version = 0;

  function isPossible(change: Change): boolean {
    const row = rows.get(keyOf(rowOf(change)));
    if ("insert" in change) return row === undefined;
    if ("replace" in change) return row?.etag === change.etag;
    return "upsert" in change || row !== undefined;
  }

  return {
    get: async <T extends object>(partitionKey: string, rowKey: string) =>
      rows.get(keyOf({ partitionKey, rowKey })) as (T & { etag: string }) | undefined,
    /** All rows of the partition, whatever the range says: callers look at what they get. */
    ofPartition: async <T extends object>(partitionKey: string) =>
      [...rows.values()].filter((row) => row.partitionKey === partitionKey) as T[],
    async change(changes) {
      if (!changes.every(isPossible)) return false;
      for (const change of changes) {
        const row = rowOf(change);
        if ("remove" in change) rows.delete(keyOf(row));
        else rows.set(keyOf(row), { ...row, etag: String(++version) });
      }
      return true;
    },
  };
}
