/**
 * One partition of an event hub: events in order, numbered without gaps.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Publication, type Stamp, stampEvent } from "./event-message.ts";

/** How long events are kept, and how many bytes of them per partition; whichever is reached first. */
export interface Retention {
  days: number;
  megabytes: number;
}

export interface StoredEvent {
  sequenceNumber: number;
  /** The encoded message, stamped with its place. */
  message: Buffer;
}

/** Where the next event goes, and where the last one went. */
interface Tail {
  next: number;
  nextOffset: number;
  last: Stamp;
}

/** Deleting more than this at once would hold up events that are arriving. */
const trimmedAtOnce = 20_000;

export class PartitionLog {
  readonly number: number;
  readonly createdAt: Date;
  /** Called after new events are on the disk. */
  readonly listeners = new Set<() => void>();

  readonly #id: number;
  readonly #statements: Statements;
  #beginning: number;
  #committed: Tail;
  #tail: Tail;

  constructor(row: PartitionRow, statements: Statements) {
    this.number = row.number;
    this.createdAt = new Date(row.created_at);
    this.#id = row.id;
    this.#statements = statements;
    this.#committed = {
      next: row.next_sequence,
      nextOffset: row.next_offset,
      last: { sequenceNumber: row.next_sequence - 1, offset: row.last_offset, enqueuedAt: row.last_enqueued_at },
    };
    this.#tail = this.#committed;
    const oldest = statements.oldest.get(row.id) as { sequence: number } | undefined;
    this.#beginning = oldest?.sequence ?? row.next_sequence;
  }

  /** The sequence number of the oldest event kept, or that of the next event when none is. */
  get beginning(): number {
    return this.#beginning;
  }

  /** The sequence number the next event will get. */
  get next(): number {
    return this.#committed.next;
  }

  /** The place of the newest event ever stored; all -1 and 1970 before the first. */
  get last(): Stamp {
    return this.#committed.last;
  }

  get isEmpty(): boolean {
    return this.#beginning === this.next;
  }

  /** Adds events within the transaction of the caller, who then says `commit` or `rollBack`. */
  append({ events, partitionKey }: Publication, now: number): void {
    for (const event of events) {
      const { next, nextOffset, last } = this.#tail;
      // A clock that is set back must not break the order that a search by time relies on.
      const stamp = { sequenceNumber: next, offset: nextOffset, enqueuedAt: Math.max(now, last.enqueuedAt) };
      const message = stampEvent(event, stamp, partitionKey);
      this.#statements.insert.run(this.#id, next, stamp.offset, stamp.enqueuedAt, message);
      this.#tail = { next: next + 1, nextOffset: nextOffset + message.length, last: stamp };
    }
  }

  /** Writes how far the partition has got, within the same transaction. */
  saveTail(): void {
    const { next, nextOffset, last } = this.#tail;
    this.#statements.saveTail.run(next, nextOffset, last.offset, last.enqueuedAt, this.#id);
  }

  /** Lets consumers see what was appended, now that it is on the disk. */
  commit(): void {
    this.#committed = this.#tail;
    for (const listener of this.listeners) listener();
  }

  rollBack(): void {
    this.#tail = this.#committed;
  }

  /** Up to `count` events in order, the first being the oldest kept that is not before `sequenceNumber`. */
  read(sequenceNumber: number, count: number): StoredEvent[] {
    const rows = this.#statements.read.all(this.#id, sequenceNumber, count) as unknown as EventRow[];
    return rows.map(({ sequence, message }) => ({
      sequenceNumber: sequence,
      message: Buffer.from(message.buffer, message.byteOffset, message.byteLength),
    }));
  }

  firstAtOffset(offset: number): number {
    return this.#firstWhere((event) => event.offset >= offset);
  }

  firstEnqueued(epochMs: number): number {
    return this.#firstWhere((event) => event.enqueued_at >= epochMs);
  }

  /** Deletes events that are too old or too many. */
  trim({ days, megabytes }: Retention, now: number): void {
    const tooOld = now - days * 86_400_000;
    const tooFar = this.#committed.nextOffset - megabytes * 1_048_576;
    const isKept = (event: PlaceRow) => event.enqueued_at >= tooOld && event.offset >= tooFar;
    if (this.isEmpty || isKept(this.#at(this.#beginning))) return;

    const beginning = Math.min(this.#firstWhere(isKept), this.#beginning + trimmedAtOnce);
    this.#statements.trim.run(this.#id, beginning);
    this.#beginning = beginning;
  }

  /** Bisects: a test that one event passes must be passed by every later one. */
  #firstWhere(test: (event: PlaceRow) => boolean): number {
    let low = this.#beginning;
    let high = this.next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (test(this.#at(middle))) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #at(sequenceNumber: number): PlaceRow {
    return this.#statements.place.get(this.#id, sequenceNumber) as unknown as PlaceRow;
  }
}

/** The statements all partitions of a store share. */
export type Statements = Record<"insert" | "saveTail" | "read" | "place" | "oldest" | "trim", StatementSync>;

export function prepareStatements(database: DatabaseSync): Statements {
  return {
    insert: database.prepare(
      `INSERT INTO events (partition, sequence, "offset", enqueued_at, message) VALUES (?, ?, ?, ?, ?)`,
    ),
    saveTail: database.prepare(
      "UPDATE partitions SET next_sequence = ?, next_offset = ?, last_offset = ?, last_enqueued_at = ? WHERE id = ?",
    ),
    read: database.prepare(
      "SELECT sequence, message FROM events WHERE partition = ? AND sequence >= ? ORDER BY sequence LIMIT ?",
    ),
    place: database.prepare(`SELECT "offset", enqueued_at FROM events WHERE partition = ? AND sequence = ?`),
    oldest: database.prepare("SELECT sequence FROM events WHERE partition = ? ORDER BY sequence LIMIT 1"),
    trim: database.prepare("DELETE FROM events WHERE partition = ? AND sequence < ?"),
  };
}

export interface PartitionRow {
  id: number;
  number: number;
  created_at: number;
  next_sequence: number;
  next_offset: number;
  last_offset: number;
  last_enqueued_at: number;
}

interface EventRow {
  sequence: number;
  message: Uint8Array;
}

interface PlaceRow {
  offset: number;
  enqueued_at: number;
}
