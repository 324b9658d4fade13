import { z } from "zod";
import type { LazyTable } from "../../storage/lazy-table.ts";
import type { ExportBlob } from "./export-account.ts";
import type { Place } from "./read-lines.ts";

/** How far a blob was taken in, and which blob of that name it was. */
const Cursor = z.object({ offset: z.int().nonnegative(), isInLongLine: z.boolean(), createdAt: z.string() });
export type Cursor = z.infer<typeof Cursor>;

const Row = Cursor.extend({ rowKey: z.string() });

const AllRead = z.object({ at: z.iso.datetime() });
const ALL_READ = { partitionKey: "all-read", rowKey: "at" };

export type ExportCursors = ReturnType<typeof createExportCursors>;

/**
 * How far the export was taken in, in table storage: a row for each blob. Meant for one writer at a time; a second one can
 * at worst have something taken in again.
 */
export function createExportCursors(table: LazyTable) {
  return {
    /** The cursors of the blobs of a day, by the blobs' names. A row that cannot be read is none. */
    async ofDay(container: string, day: string): Promise<Map<string, Cursor>> {
      const rows = await table.ofPartition(container, { prefix: keyOf(day) });
      const read = rows.flatMap((row) => Row.safeParse(row).data ?? []);
      return new Map(read.map(({ rowKey, ...cursor }) => [nameOf(rowKey), cursor]));
    },

    /** Moves the cursor of a blob to where it was taken in. */
    async move({ container, name, createdAt }: ExportBlob, place: Place): Promise<void> {
      await table.upsert({ partitionKey: container, rowKey: keyOf(name), ...place, createdAt });
    },

    /** When all there was had been taken in; nothing before the first time. */
    async allReadAt(): Promise<Date | undefined> {
      const row = AllRead.safeParse(await table.get(ALL_READ.partitionKey, ALL_READ.rowKey)).data;
      return row && new Date(row.at);
    },
    async keepAllReadAt(at: Date): Promise<void> {
      await table.upsert({ ...ALL_READ, at: at.toISOString() });
    },
  };
}

/** A key must hold no slash, and no part of a name holds a bar. */
const keyOf = (name: string): string => name.replaceAll("/", "|");
const nameOf = (key: string): string => key.replaceAll("|", "/");
