import type { ContainerClient } from "@azure/storage-blob";
import { withContainer } from "../storage/with-container.ts";
import { type CustodyEntry, type CustodyRecord, emptyRecord, lineOf, readRecord } from "./custody-record.ts";

export interface CustodyLog {
  /** The record of a piece; nothing where there is none. */
  read(name: string): Promise<CustodyRecord | undefined>;
  /**
   * Adds an entry that follows from the record as it stands at that moment: who comes second decides afresh.
   *
   * @param decide gives the entry, or nothing where none is due
   * @returns the record with it
   */
  append(name: string, decide: (record: CustodyRecord) => CustodyEntry | undefined): Promise<CustodyRecord>;
  /** The pieces that have a record. */
  names(prefix?: string): Promise<string[]>;
}

const ENDING = ".jsonl";

/** One line an entry, for years: so many at the same moment do not happen by themselves. */
const MOST_TRIES = 20;

/**
 * Custody records as append blobs: what is written stays, and one line is added at a time.
 *
 * They have a container of their own, as a policy that lets nothing but lines be added is the container's.
 *
 * @see https://learn.microsoft.com/en-us/azure/storage/blobs/immutable-container-level-worm-policies
 */
export function createCustodyLog(container: ContainerClient): CustodyLog {
  const blobOf = (name: string) => container.getAppendBlobClient(`${name}${ENDING}`);

  async function textOf(name: string): Promise<Buffer | undefined> {
    try {
      return await blobOf(name).downloadToBuffer();
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return undefined;
      throw error;
    }
  }

  return {
    async read(name) {
      const text = await textOf(name);
      // Made, and nothing said yet: whoever made it was interrupted.
      return text && text.length > 0 ? readRecord(text.toString("utf8")) : undefined;
    },

    async append(name, decide) {
      let line = "";
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const text = await textOf(name);
        const before = text?.toString("utf8") ?? "";
        const record = before === "" ? emptyRecord() : readRecord(before);
        // The answer was lost, the line was not.
        if (line !== "" && before.endsWith(line)) return record;
        const entry = decide(record);
        if (!entry) return record;
        line = lineOf(entry, record.head);
        if (!text) {
          const blobHTTPHeaders = { blobContentType: "application/x-ndjson" };
          await withContainer(container, () => blobOf(name).createIfNotExists({ blobHTTPHeaders }));
        }
        if (await wasAppended(name, line, text?.length ?? 0)) return readRecord(before + line);
      }
      throw new Error(`The custody record of ${name} is being written by too many at once`);
    },

    async names(prefix = "") {
      const found: string[] = [];
      try {
        for await (const { name } of container.listBlobsFlat({ prefix })) {
          if (name.endsWith(ENDING)) found.push(name.slice(0, -ENDING.length));
        }
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode !== 404) throw error;
      }
      return found;
    },
  };

  /** Adds a line to a record that is still as long as it was read. @returns whether it was */
  async function wasAppended(name: string, line: string, appendPosition: number): Promise<boolean> {
    try {
      await blobOf(name).appendBlock(line, Buffer.byteLength(line), { conditions: { appendPosition } });
      return true;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 412) return false;
      throw error;
    }
  }
}
