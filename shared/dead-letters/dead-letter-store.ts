import type { ContainerClient } from "@azure/storage-blob";
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

export interface DeadLetterStore {
  /** Keeps a dead letter. Safe to repeat: a message delivered twice is kept once. */
  keep(letter: DeadLetter): Promise<void>;
}

/** Dead letters as blobs, one JSON document each; a body that is no text is base64. */
export function createBlobDeadLetterStore(container: ContainerClient, now: () => Date = () => new Date()) {
  return {
    async keep({ source, reasons, body }: DeadLetter) {
      const name = `${source}.json`;
      const text = typeof body === "string" ? body : Buffer.from(body).toString("base64");
      const encoding = typeof body === "string" ? "utf-8" : "base64";
      const document = JSON.stringify({ source, reasons, keptAt: now().toISOString(), encoding, body: text });
      const blob = container.getBlockBlobClient(name);
      await withContainer(container, () =>
        blob.upload(document, Buffer.byteLength(document), {
          blobHTTPHeaders: { blobContentType: "application/json" },
        }),
      );
    },
  } satisfies DeadLetterStore;
}
