import type { ContainerClient } from "@azure/storage-blob";
import { z } from "zod";
import { withContainer } from "../storage/with-container.ts";

/** Something that came in and could not be used, with the reason, kept for a person to look at and to replay. */
export interface DeadLetter {
  /** Where it came from, e.g. `alerts/2/118` for partition 2, sequence number 118. The same place gives the same blob. */
  source: string;
  /** What is wrong, record by record where the others were fine. */
  reasons: string[];
  /** The whole message as it came. */
  body: Uint8Array | string;
}

/** A dead letter, and when it was last kept. */
export interface KeptLetter extends DeadLetter {
  keptAt: Date;
}

/** Which dead letters are meant: all, unless told. */
export interface LetterFilter {
  /** The beginning of their sources, e.g. `alerts/2/`. */
  prefix?: string | undefined;
  /** Kept then or later. */
  from?: Date | undefined;
  /** Kept before. */
  before?: Date | undefined;
}

export interface DeadLetterStore {
  /** Keeps a dead letter in place of the one of the same source. Safe to repeat: a message delivered twice is kept once. */
  keep(letter: DeadLetter): Promise<void>;
  /** Where the letters came from, the newest first. */
  sources(filter?: LetterFilter): Promise<string[]>;
  /** Nothing where there is none of this source. */
  get(source: string): Promise<KeptLetter | undefined>;
  /** Safe to repeat. */
  remove(source: string): Promise<void>;
}

const Document = z.object({
  source: z.string(),
  reasons: z.array(z.string()),
  keptAt: z.iso.datetime(),
  encoding: z.enum(["utf-8", "base64"]),
  body: z.string(),
});

const ENDING = ".json";

/** Dead letters as blobs, one JSON document each; a body that is no text is base64. */
export function createBlobDeadLetterStore(
  container: ContainerClient,
  now: () => Date = () => new Date(),
): DeadLetterStore {
  const blobOf = (source: string) => container.getBlockBlobClient(`${source}${ENDING}`);
  return {
    async keep({ source, reasons, body }) {
      const text = typeof body === "string" ? body : Buffer.from(body).toString("base64");
      const encoding = typeof body === "string" ? "utf-8" : "base64";
      const document = JSON.stringify({ source, reasons, keptAt: now().toISOString(), encoding, body: text });
      await withContainer(container, () =>
        blobOf(source).upload(document, Buffer.byteLength(document), {
          blobHTTPHeaders: { blobContentType: "application/json" },
        }),
      );
    },

    async sources({ prefix = "", from, before } = {}) {
      const found: { source: string; at: number }[] = [];
      await unlessMissing(async () => {
        for await (const { name, properties } of container.listBlobsFlat({ prefix })) {
          const at = properties.lastModified.getTime();
          const isMeant =
            name.endsWith(ENDING) && (!from || at >= from.getTime()) && (!before || at < before.getTime());
          if (isMeant) found.push({ source: name.slice(0, -ENDING.length), at });
        }
      });
      return found.sort((a, b) => b.at - a.at).map(({ source }) => source);
    },

    async get(source) {
      const content = await unlessMissing(() => blobOf(source).downloadToBuffer());
      if (!content) return undefined;
      const { keptAt, encoding, body, ...letter } = Document.parse(JSON.parse(content.toString("utf8")));
      return { ...letter, keptAt: new Date(keptAt), body: encoding === "utf-8" ? body : Buffer.from(body, "base64") };
    },

    async remove(source) {
      await unlessMissing(() => blobOf(source).deleteIfExists());
    },
  };
}

/** Neither blob nor container need be there: the container is made with the first letter. */
async function unlessMissing<T>(operation: () => Promise<T>): Promise<T | undefined> {
  try {
    return await operation();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}
