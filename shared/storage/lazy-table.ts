import { odata, RestError, type TableClient, type TransactionAction } from "@azure/data-tables";

/** A row; its other properties are texts, numbers and truth values, a text of at most 64 KiB. */
export interface TableRow {
  partitionKey: string;
  rowKey: string;
  [property: string]: unknown;
}

/** One part of a change that happens whole or not at all. */
export type Change =
  | { insert: TableRow }
  | { upsert: TableRow }
  | { remove: TableRow }
  /** Only while the row is as it was read. */
  | { replace: TableRow; etag: string };

/** The service's own bound on the parts of one change. */
export const MOST_CHANGES = 100;

/** Which rows of a partition: those whose key begins so, or comes after another, and that meet a condition. */
export interface RowRange {
  prefix?: string;
  after?: string;
  /** An OData condition on other properties, its values escaped by `odata`. */
  where?: string;
}

export type LazyTable = ReturnType<typeof createLazyTable>;

/**
 * A storage table that is made at its first use where it is missing, so that one machine needs no set-up. In Azure
 * `infra/` has made it already.
 */
export function createLazyTable(client: TableClient) {
  async function withTable<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      if (codeOf(error) !== "TableNotFound") throw error;
      await client.createTable();
      return operation();
    }
  }

  return {
    /** Writes a row, replacing the one with the same keys. */
    upsert: (row: TableRow) => withTable(() => client.upsertEntity(row, "Replace")),

    /** Writes a row unless one with the same keys is there. Safe to repeat and to race: exactly one caller gets `true`. */
    async insert(row: TableRow): Promise<boolean> {
      try {
        await withTable(() => client.createEntity(row));
        return true;
      } catch (error) {
        if (codeOf(error) === "EntityAlreadyExists") return false;
        throw error;
      }
    },

    /**
     * Removes the rows that were last written before a time: a look through the whole table, for the quiet hours.
     *
     * @returns how many
     */
    removeOlderThan: (time: Date): Promise<number> =>
      withTable(async () => {
        let removed = 0;
        const rows = client.listEntities<TableRow>({ queryOptions: { filter: odata`Timestamp lt ${time}` } });
        for await (const { partitionKey = "", rowKey = "", etag } of rows) {
          // Not one that is written again meanwhile, nor one that is gone by now.
          const gone = client.deleteEntity(partitionKey, rowKey, { etag });
          removed += await gone.then(
            () => 1,
            (error: unknown) => (isOvertaken(error) || isMissing(error) ? 0 : Promise.reject(error)),
          );
        }
        return removed;
      }),

    /** One row, with the tag that says which version of it was read; nothing where there is none. */
    async get<T extends object>(partitionKey: string, rowKey: string): Promise<(T & { etag: string }) | undefined> {
      try {
        return (await client.getEntity<T>(partitionKey, rowKey)) as T & { etag: string };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    /** Writes a row in place of one that is still as it was read. @returns whether it was */
    async replace(row: TableRow, etag: string): Promise<boolean> {
      try {
        await client.updateEntity(row, "Replace", { etag });
        return true;
      } catch (error) {
        if (isOvertaken(error)) return false;
        throw error;
      }
    },

    /**
     * Changes rows of one partition together.
     *
     * @returns `false` where a row to insert is there already, or one to replace has changed since: then nothing was done
     */
    async change(changes: readonly Change[]): Promise<boolean> {
      try {
        await withTable(() => client.submitTransaction(changes.map(toAction)));
        return true;
      } catch (error) {
        if (isOvertaken(error)) return false;
        throw error;
      }
    },

    /** Removes a row; one that is not there is removed already. */
    async remove(partitionKey: string, rowKey: string): Promise<void> {
      try {
        await client.deleteEntity(partitionKey, rowKey);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },

    /** The keys of the partitions before one, in order. */
    partitionsBefore: (partitionKey: string): Promise<string[]> =>
      withTable(async () => {
        const keys = new Set<string>();
        const queryOptions = { filter: odata`PartitionKey lt ${partitionKey}`, select: ["PartitionKey"] };
        for await (const row of client.listEntities<TableRow>({ queryOptions })) keys.add(row.partitionKey ?? "");
        return [...keys];
      }),

    /** The rows of a partition, in order of their row keys. */
    ofPartition: <T extends object>(partitionKey: string, { prefix = "", after = "", where }: RowRange = {}) =>
      withTable(async () => {
        const rows: T[] = [];
        const ofPartition = odata`PartitionKey eq ${partitionKey}`;
        const from = after > prefix ? odata` and RowKey gt ${after}` : odata` and RowKey ge ${prefix}`;
        const to = prefix === "" ? "" : odata` and RowKey lt ${beyond(prefix)}`;
        const filter = ofPartition + (prefix === "" && after === "" ? "" : from) + to + (where ? ` and ${where}` : "");
        for await (const row of client.listEntities<T>({ queryOptions: { filter } })) rows.push(row as T);
        return rows;
      }),
  };
}

function toAction(change: Change): TransactionAction {
  if ("insert" in change) return ["create", change.insert];
  if ("remove" in change) return ["delete", change.remove];
  if ("upsert" in change) return ["upsert", change.upsert, "Replace"];
  return ["update", change.replace, "Replace", { etag: change.etag }];
}

const isMissing = (error: unknown): boolean => error instanceof RestError && error.statusCode === 404;

/** Whether somebody else was first. */
const isOvertaken = (error: unknown): boolean =>
  error instanceof RestError &&
  (error.statusCode === 412 || error.statusCode === 409) &&
  codeOf(error) !== "TableNotFound";

/** The first key that does not begin so: the last character of a prefix is an ASCII one. */
const beyond = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/** The storage service's own code; the library sometimes leaves it in the body only. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof RestError)) return undefined;
  const details = error.details as { odataError?: { code?: string } } | undefined;
  return details?.odataError?.code ?? error.code;
}
