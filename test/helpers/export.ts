import type { BlobServiceClient } from "@azure/storage-blob";

/** The account Defender exports to, as Defender writes it: append blobs of lines, one for each table, tenant and hour. */
export interface ExportWriter {
  /** Where the rows of an hour stand. */
  nameOf(hour: Date): string;
  /** Adds text to the blob of an hour, making it first where it is missing. */
  append(table: string, hour: Date, text: string): Promise<void>;
  /** Puts another blob in the place of the one of an hour. */
  replace(table: string, hour: Date, text: string): Promise<void>;
}

export function writeExport(service: BlobServiceClient, tenantId: string): ExportWriter {
  const nameOf = (hour: Date): string => {
    const [year, month, day, at] = hour.toISOString().split(/[-T:]/);
    return `tenantId=${tenantId}/y=${year}/m=${month}/d=${day}/h=${at}/m=00/PT1H.json`;
  };
  const blobOf = async (table: string, hour: Date) => {
    const container = service.getContainerClient(`insights-logs-advancedhunting-${table.toLowerCase()}`);
    await container.createIfNotExists();
    return container.getAppendBlobClient(nameOf(hour));
  };
  const appendTo = async (blob: Awaited<ReturnType<typeof blobOf>>, text: string) => {
    if (text !== "") await blob.appendBlock(text, Buffer.byteLength(text));
  };

  return {
    nameOf,
    async append(table, hour, text) {
      const blob = await blobOf(table, hour);
      await blob.createIfNotExists();
      await appendTo(blob, text);
    },
    async replace(table, hour, text) {
      const blob = await blobOf(table, hour);
      await blob.create();
      await appendTo(blob, text);
    },
  };
}

/** One line of the export. */
export const aLine = (record: object): string => `${JSON.stringify(record)}\r\n`;
