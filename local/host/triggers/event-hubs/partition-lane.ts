import { sleep } from "../sleep.ts";

/** How long to wait before a checkpoint that could not be written is tried again. */
const retryAfterMs = 1_000;

/**
 * What goes on in one partition: one batch after the other, and behind their backs the checkpoints, one write at a time
 * and of several that wait only the newest.
 */
export class PartitionLane {
  readonly #checkpointEvery: number;
  readonly #stopping: AbortSignal;
  #busy: Promise<void> = Promise.resolve();
  #batches = 0;
  #held: (() => Promise<void>) | undefined;
  #next: (() => Promise<void>) | undefined;
  #writing: Promise<void> | undefined;

  /** @param checkpointEvery batches between two checkpoints */
  constructor(checkpointEvery: number, stopping: AbortSignal) {
    this.#checkpointEvery = checkpointEvery;
    this.#stopping = stopping;
  }

  /**
   * Handles a batch when the one before has ended: a partition that was lost and taken again must not run beside what is
   * still under way.
   *
   * @param handle says whether the checkpoint may pass the batch
   * @param setCheckpoint sets it behind the batch
   */
  run(handle: () => Promise<boolean>, setCheckpoint: () => Promise<void>): Promise<void> {
    this.#busy = this.#busy.then(async () => {
      if (this.#stopping.aborted || !(await handle())) return;
      this.#batches++;
      this.#held = setCheckpoint;
      if (this.#batches % this.#checkpointEvery === 0) this.#write();
    });
    return this.#busy;
  }

  /** Waits for the batch under way and sets the last checkpoint. */
  async end(): Promise<void> {
    await this.#busy;
    this.#write();
    await this.#writing;
  }

  #write(): void {
    this.#next = this.#held ?? this.#next;
    this.#held = undefined;
    if (this.#next) this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#next) {
      const write = this.#next;
      this.#next = undefined;
      try {
        await write();
      } catch {
        if (this.#stopping.aborted) break;
        this.#next ??= write;
        await sleep(retryAfterMs, this.#stopping);
      }
    }
    this.#writing = undefined;
  }
}
