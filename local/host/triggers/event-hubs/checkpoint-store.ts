import type { Checkpoint, CheckpointStore, PartitionOwnership } from "@azure/event-hubs";
import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import type { ContainerClient } from "@azure/storage-blob";
import type { Reachability } from "../reachability.ts";

/**
 * Checkpoints and partition ownership in blobs, as the Functions host keeps them, with two differences for one machine:
 * the container is made when it is missing, and partitions this host owned in an earlier life are free to take at once.
 * Without that, a host that was killed would wait for its own ownership to expire before the first event.
 */
export class HostCheckpointStore implements CheckpointStore {
  readonly #container: ContainerClient;
  readonly #blobs: CheckpointStore;
  readonly #ownerId: string;
  readonly #storage: Reachability;
  readonly #receiving = new Set<string>();
  #hasContainer = false;

  constructor(container: ContainerClient, ownerId: string, storage: Reachability) {
    this.#container = container;
    this.#blobs = new BlobCheckpointStore(container);
    this.#ownerId = ownerId;
    this.#storage = storage;
  }

  /** Notes that events of a partition arrive here, or no longer do. */
  setReceiving(partitionId: string, isReceiving: boolean): void {
    if (isReceiving) this.#receiving.add(partitionId);
    else this.#receiving.delete(partitionId);
  }

  async listOwnership(...names: Parameters<CheckpointStore["listOwnership"]>): Promise<PartitionOwnership[]> {
    const ownerships = await this.#reach(() => this.#blobs.listOwnership(...names));
    return ownerships.map((ownership) => {
      const isLeftOver = ownership.ownerId === this.#ownerId && !this.#receiving.has(ownership.partitionId);
      return isLeftOver ? { ...ownership, ownerId: "" } : ownership;
    });
  }

  claimOwnership(...claim: Parameters<CheckpointStore["claimOwnership"]>): Promise<PartitionOwnership[]> {
    return this.#reach(() => this.#blobs.claimOwnership(...claim));
  }

  listCheckpoints(...names: Parameters<CheckpointStore["listCheckpoints"]>): Promise<Checkpoint[]> {
    return this.#reach(() => this.#blobs.listCheckpoints(...names));
  }

  updateCheckpoint(...checkpoint: Parameters<CheckpointStore["updateCheckpoint"]>): Promise<void> {
    return this.#reach(() => this.#blobs.updateCheckpoint(...checkpoint));
  }

  async #reach<T>(call: () => Promise<T>): Promise<T> {
    try {
      if (!this.#hasContainer) await this.#container.createIfNotExists();
      this.#hasContainer = true;
      const answer = await call();
      this.#storage.succeeded();
      return answer;
    } catch (error) {
      this.#hasContainer = false;
      this.#storage.failed(error);
      throw new StorageError("storage failed", { cause: error });
    }
  }
}

/** A failure of the storage account, told apart from one of the event hub. */
export class StorageError extends Error {
  override name = "StorageError";
}
