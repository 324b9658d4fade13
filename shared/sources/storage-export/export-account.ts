import type { BlobServiceClient, ContainerClient } from "@azure/storage-blob";

/**
 * Where Defender writes the rows of the alert tables. Other tables say nothing about alerts.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/streaming-api-storage
 */
export const ALERT_CONTAINERS = [
  "insights-logs-advancedhunting-alertinfo",
  "insights-logs-advancedhunting-alertevidence",
] as const;

/** The rows of one table and hour; the hour is that of the event, so it may grow long after. */
export interface ExportBlob {
  container: string;
  name: string;
  /** The hour it holds the rows of: its beginning. */
  hour: Date;
  /** In bytes, when it was listed. */
  size: number;
  /** Another time than before says that it is another blob under the old name. */
  createdAt: string;
}

export type ExportAccount = ReturnType<typeof createExportAccount>;

/**
 * The storage account Defender exports to. Nothing in it is changed.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/streaming-api-storage - needs *Storage Blob Data Reader*
 */
export function createExportAccount(service: BlobServiceClient) {
  return {
    /**
     * The folders of days in a range, of every tenant; whether they hold anything is not asked.
     *
     * @returns their names, each of which ends in a slash
     */
    async days(container: string, from: Date, to: Date): Promise<string[]> {
      const tenants = await tenantFolders(service.getContainerClient(container));
      return tenants.flatMap((tenant) => daysBetween(from, to).map((day) => `${tenant}${day}`));
    },

    /** The blobs of one day. */
    async list(container: string, day: string): Promise<ExportBlob[]> {
      const blobs: ExportBlob[] = [];
      const listed = service.getContainerClient(container).listBlobsFlat({ prefix: day });
      for await (const { name, properties } of listed) {
        const hour = hourOf(name);
        const { contentLength: size = 0, createdOn } = properties;
        if (hour) blobs.push({ container, name, hour, size, createdAt: createdOn?.toISOString() ?? "" });
      }
      return blobs;
    },

    /** Some bytes of a blob. */
    read: ({ container, name }: ExportBlob, offset: number, count: number): Promise<Uint8Array> =>
      service.getContainerClient(container).getBlobClient(name).downloadToBuffer(offset, count),
  };
}

/** There is no container before the first row. */
async function tenantFolders(container: ContainerClient): Promise<string[]> {
  const folders: string[] = [];
  try {
    for await (const item of container.listBlobsByHierarchy("/", { prefix: "tenantId=" })) {
      if (item.kind === "prefix") folders.push(item.name);
    }
  } catch (error) {
    if ((error as { code?: string }).code !== "ContainerNotFound") throw error;
  }
  return folders;
}

const DAY_MS = 86_400_000;

function daysBetween(from: Date, to: Date): string[] {
  const days: string[] = [];
  for (let at = Math.floor(from.getTime() / DAY_MS) * DAY_MS; at <= to.getTime(); at += DAY_MS) {
    const [year, month, day] = new Date(at).toISOString().slice(0, 10).split("-");
    days.push(`y=${year}/m=${month}/d=${day}/`);
  }
  return days;
}

const path = /\/y=(\d{4})\/m=(\d{2})\/d=(\d{2})\/h=(\d{2})\/m=\d{2}\/PT1H\.json$/;

function hourOf(name: string): Date | undefined {
  const [, year, month, day, hour] = path.exec(name) ?? [];
  const at = new Date(`${year}-${month}-${day}T${hour}:00:00Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
