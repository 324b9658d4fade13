import { odata, RestError, type TableClient } from "@azure/data-tables";

/** A row; its other properties are texts, numbers and truth values, a text of at most 64 KiB. */
export interface TableRow {
  partitionKey: string;
  rowKey: string;
  [property: string]: unknown;
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

    /** Removes a row; one that is not there is removed already. */
    async remove(partitionKey: string, rowKey: string): Promise<void> {
      try {
        await client.deleteEntity(partitionKey, rowKey);
      } catch (error) {
        if (!(error instanceof RestError) || error.statusCode !== 404) throw error;
      }
    },

    /** All rows of a partition, in order of their row keys. */
    ofPartition: <T extends object>(partitionKey: string) =>
      withTable(async () => {
        const rows: T[] = [];
        const filter = odata`PartitionKey eq ${partitionKey}`;
        for await (const row of client.listEntities<T>({ queryOptions: { filter } })) rows.push(row as T);
        return rows;
      }),
  };
}

/** The storage service's own code; the library sometimes leaves it in the body only. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof RestError)) return undefined;
  const details = error.details as { odataError?: { code?: string } } | undefined;
  return details?.odataError?.code ?? error.code;
}
