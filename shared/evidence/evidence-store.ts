import { createHash } from "node:crypto";
import type { ContainerClient } from "@azure/storage-blob";
import { z } from "zod";
import { withContainer } from "../storage/with-container.ts";

/** A piece of evidence in the store, and what proves that it is unchanged. */
export const StoredEvidence = z.object({
  container: z.string(),
  name: z.string(),
  bytes: z.number(),
  /** Lower-case hex of the whole content. */
  sha256: z.string(),
});
export type StoredEvidence = z.infer<typeof StoredEvidence>;

/** What stands for evidence that was never stored. */
export const pretendedEvidence = (name: string): StoredEvidence => ({
  container: "pretended",
  name,
  bytes: 0,
  sha256: "0".repeat(64),
});

export interface EvidenceStore {
  /** What is stored under this name, once it is there whole. */
  find(name: string): Promise<StoredEvidence | undefined>;
  /**
   * Stores what the stream carries and its SHA-256 beside it. Appears whole or not at all; storing the same name again
   * replaces it. Memory stays flat whatever the size.
   */
  store(
    name: string,
    content: AsyncIterable<Uint8Array>,
    about: { contentType: string; labels: Record<string, string> },
  ): Promise<StoredEvidence>;
}

const BLOCK_BYTES = 4 * 1024 * 1024;

/** Evidence as blobs. The hash is written in the same commit that makes the blob appear. */
export function createBlobEvidenceStore(container: ContainerClient): EvidenceStore {
  return {
    async find(name) {
      const blob = container.getBlockBlobClient(name);
      const properties = await blob.getProperties().catch((error: { statusCode?: number }) => {
        if (error.statusCode === 404) return undefined;
        throw error;
      });
      const sha256 = properties?.metadata?.sha256;
      if (!properties || !sha256) return undefined;
      return { container: container.containerName, name, bytes: properties.contentLength ?? 0, sha256 };
    },

    async store(name, content, { contentType, labels }) {
      const blob = container.getBlockBlobClient(name);
      const hash = createHash("sha256");
      const blockIds: string[] = [];
      let bytes = 0;
      for await (const block of inBlocks(content)) {
        const id = Buffer.from(String(blockIds.length).padStart(8, "0")).toString("base64");
        await withContainer(container, () => blob.stageBlock(id, block, block.byteLength));
        blockIds.push(id);
        hash.update(block);
        bytes += block.byteLength;
      }
      const sha256 = hash.digest("hex");
      await withContainer(container, () =>
        blob.commitBlockList(blockIds, {
          blobHTTPHeaders: { blobContentType: contentType },
          metadata: { ...labels, sha256 },
        }),
      );
      return { container: container.containerName, name, bytes, sha256 };
    },
  };
}

/** Gathers what arrives into blocks of one size, as a blob may have 50,000 at most. */
async function* inBlocks(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    held.push(chunk);
    size += chunk.byteLength;
    if (size < BLOCK_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}
