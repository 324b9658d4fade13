/**
 * The events of all hubs on disk.
 *
 * Publications that arrive together are written in one transaction and share one wait for the disk; none is
 * acknowledged, and no consumer sees it, before that transaction is durable. A consumer therefore never holds a
 * sequence number that a crash could hand out a second time.
 */
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "./database.ts";
import type { Publication } from "./event-message.ts";
import type { Hub } from "./hub-settings.ts";
import { PartitionLog, type PartitionRow, prepareStatements, type Retention } from "./partition-log.ts";

interface WaitingPublication {
  log: PartitionLog;
  publication: Publication;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const trimIntervalMs = 1_000;

export class EventStore {
  /** True when the process that last used the folder did not stop in an orderly way. */
  readonly wasInterrupted: boolean;

  readonly #database: DatabaseSync;
  readonly #logs = new Map<string, PartitionLog[]>();
  readonly #trimTimer: NodeJS.Timeout;
  #waiting: WaitingPublication[] = [];

  /**
   * @throws Error with one sentence on what to do, when the folder cannot be used or does not fit the hubs
   */
  constructor(folder: string, hubs: Hub[], retention: Retention) {
    const { database, wasInterrupted } = openDatabase(folder);
    this.#database = database;
    this.wasInterrupted = wasInterrupted;
    try {
      const statements = prepareStatements(database);
      for (const hub of hubs) {
        const rows = partitionRows(database, hub, folder);
        this.#logs.set(
          hub.name,
          rows.map((row) => new PartitionLog(row, statements)),
        );
      }
    } catch (error) {
      database.close();
      throw error;
    }
    this.#trim(retention);
    this.#trimTimer = setInterval(() => this.#trim(retention), trimIntervalMs).unref();
  }

  partitionsOf(hub: Hub): PartitionLog[] {
    return this.#logs.get(hub.name) ?? [];
  }

  /**
   * Stores events at the end of a partition.
   *
   * @returns once they are on the disk
   */
  append(log: PartitionLog, publication: Publication): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ log, publication, resolve, reject });
      // What else this turn of the event loop reads from the sockets joins the same transaction.
      if (this.#waiting.length === 1) setImmediate(() => this.#commit());
    });
  }

  /** Stores what is still waiting and lets go of the folder. */
  close(): void {
    clearInterval(this.#trimTimer);
    this.#commit();
    this.#database.close();
  }

  #commit(): void {
    const group = this.#waiting;
    if (group.length === 0) return;
    this.#waiting = [];

    const touched = new Set(group.map(({ log }) => log));
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      const now = Date.now();
      for (const { log, publication } of group) log.append(publication, now);
      for (const log of touched) log.saveTail();
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      for (const log of touched) log.rollBack();
      for (const { reject } of group) reject(error);
      return;
    }
    for (const { resolve } of group) resolve();
    for (const log of touched) log.commit();
  }

  #trim(retention: Retention): void {
    const now = Date.now();
    for (const log of [...this.#logs.values()].flat()) log.trim(retention, now);
  }
}

function partitionRows(database: DatabaseSync, hub: Hub, folder: string): PartitionRow[] {
  const insert = database.prepare("INSERT OR IGNORE INTO partitions (hub, number, created_at) VALUES (?, ?, ?)");
  for (let number = 0; number < hub.partitionCount; number++) insert.run(hub.name, number, Date.now());

  const select = database.prepare("SELECT * FROM partitions WHERE hub = ? ORDER BY number");
  const rows = select.all(hub.name) as unknown as PartitionRow[];
  if (rows.length > hub.partitionCount) {
    // Event Hubs does not allow it either: the events in the last partitions would be out of reach.
    throw new Error(
      `The event hub "${hub.name}" has ${rows.length} partitions in ${folder} and cannot shrink to ${hub.partitionCount}.`,
    );
  }
  return rows;
}
