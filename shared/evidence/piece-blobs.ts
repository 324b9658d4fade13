import { createHash, randomUUID } from "node:crypto";
import type { ContainerClient } from "@azure/storage-blob";
import { PermanentError } from "../errors.ts";
import { withContainer } from "../storage/with-container.ts";
import { inBlocks } from "./in-blocks.ts";

/** A blob that is there whole, and what the blob service itself keeps it by. */
export interface PieceBlob {
  bytes: number;
  sha256: string;
  storedAt: Date;
  keepUntil: string | undefined;
  /** Until when the service refuses to remove it; absent: it does not. */
  serviceKeepsUntil: Date | undefined;
  isHeldByService: boolean;
}

export interface PieceLimit {
  atMostBytes: number;
  /** What may be done about it, for people. */
  advice: string;
}

interface Writing extends PieceLimit {
  contentType: string;
  labels: Record<string, string>;
  keepUntil: Date | undefined;
  /** Whether a policy of the service may still be shortened (`Unlocked`). */
  policyMode: "Locked" | "Unlocked";
}

export type PieceBlobs = ReturnType<typeof createPieceBlobs>;

/** The content of evidence as blobs. The hash is written in the same commit that makes a blob appear. */
export function createPieceBlobs(container: ContainerClient) {
  const blobOf = (name: string) => container.getBlockBlobClient(name);
  let immutable: Promise<boolean> | undefined;

  /**
   * Whether the service keeps single blobs from being changed, which a container is made for or is not.
   *
   * @see https://learn.microsoft.com/en-us/azure/storage/blobs/immutable-version-level-worm-policies
   */
  function isImmutable(): Promise<boolean> {
    immutable ??= withContainer(container, () => container.getProperties()).then(
      ({ isImmutableStorageWithVersioningEnabled }) => isImmutableStorageWithVersioningEnabled ?? false,
    );
    immutable.catch(() => {
      immutable = undefined;
    });
    return immutable;
  }

  async function find(name: string): Promise<PieceBlob | undefined> {
    const properties = await unlessMissing(() => blobOf(name).getProperties());
    const { sha256, keepuntil } = properties?.metadata ?? {};
    if (!properties || !sha256) return undefined;
    return {
      sha256,
      bytes: properties.contentLength ?? 0,
      storedAt: properties.createdOn ?? properties.lastModified ?? new Date(),
      keepUntil: keepuntil,
      serviceKeepsUntil: properties.immutabilityPolicyExpiresOn,
      isHeldByService: properties.legalHold ?? false,
    };
  }

  async function versionsOf(name: string): Promise<string[]> {
    const versions: string[] = [];
    if (!(await isImmutable())) return versions;
    for await (const blob of container.listBlobsFlat({ prefix: name, includeVersions: true })) {
      if (blob.name === name && blob.versionId) versions.push(blob.versionId);
    }
    return versions;
  }

  return {
    container: container.containerName,
    isImmutable,
    find,

    /**
     * Writes what the stream carries. Appears whole or not at all, is never replaced, and takes flat memory. Whoever comes
     * second finds what the first has written.
     *
     * @throws PermanentError `ResultTooLarge`
     */
    async write(name: string, content: AsyncIterable<Uint8Array>, writing: Writing): Promise<PieceBlob> {
      const blob = blobOf(name);
      const hash = createHash("sha256");
      const blockIds: string[] = [];
      // Blocks of a download that broke off are nobody's: no commit names them, and the service drops them.
      const attempt = randomUUID();
      let bytes = 0;
      for await (const block of inBlocks(content)) {
        bytes += block.byteLength;
        if (bytes > writing.atMostBytes) throw tooLarge(writing);
        const id = Buffer.from(`${attempt}-${String(blockIds.length).padStart(6, "0")}`).toString("base64");
        await withContainer(container, () => blob.stageBlock(id, block, block.byteLength));
        blockIds.push(id);
        hash.update(block);
      }
      const { contentType, labels, keepUntil, policyMode } = writing;
      const isImmutablyKept = keepUntil !== undefined && (await isImmutable());
      const keepuntil = keepUntil?.toISOString();
      try {
        await withContainer(container, () =>
          blob.commitBlockList(blockIds, {
            conditions: { ifNoneMatch: "*" },
            blobHTTPHeaders: { blobContentType: contentType },
            metadata: { ...labels, sha256: hash.digest("hex"), ...(keepuntil && { keepuntil }) },
            ...(isImmutablyKept && { immutabilityPolicy: { expiriesOn: keepUntil, policyMode } }),
          }),
        );
      } catch (error) {
        const first = await find(name);
        if (first) return first;
        throw error;
      }
      const written = await find(name);
      if (!written) throw new Error(`${name} was written and is not there`);
      return written;
    },

    /** The content, piece by piece; nothing where it is not there. */
    async open(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
      const answer = await unlessMissing(() => blobOf(name).download());
      return answer && ((answer.readableStreamBody ?? []) as AsyncIterable<Uint8Array>);
    },

    /** Has the service hold a blob, or let it go, where it can. Safe to repeat. */
    async setHold(name: string, isHeld: boolean): Promise<void> {
      if (await isImmutable()) await unlessMissing(() => blobOf(name).setLegalHold(isHeld));
    },

    /**
     * Removes a blob with its versions: where the service keeps versions, a removed blob is one of them. Safe to repeat.
     *
     * @see https://learn.microsoft.com/en-us/azure/storage/blobs/versioning-overview
     */
    async remove(name: string): Promise<void> {
      await unlessMissing(() => blobOf(name).delete());
      for (const version of await versionsOf(name)) {
        await unlessMissing(() => blobOf(name).withVersion(version).delete());
      }
    },

    /** Whether nothing is left of a blob, not even a version. */
    isGone: async (name: string): Promise<boolean> => !(await find(name)) && (await versionsOf(name)).length === 0,

    async names(prefix = ""): Promise<string[]> {
      const found: string[] = [];
      await unlessMissing(async () => {
        for await (const { name } of container.listBlobsFlat({ prefix })) found.push(name);
      });
      return found;
    },
  };
}

export const tooLarge = ({ atMostBytes, advice }: PieceLimit): PermanentError =>
  new PermanentError("ResultTooLarge", `It has more than ${atMostBytes} bytes. ${advice}`);

/** Neither blob nor container need be there: the container is made with the first piece. */
async function unlessMissing<T>(operation: () => Promise<T>): Promise<T | undefined> {
  try {
    return await operation();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}
