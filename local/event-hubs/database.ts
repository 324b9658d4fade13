/**
 * The SQLite file the events live in.
 *
 * A commit returns once the operating system says the log is on the disk (`synchronous = FULL`), so what was
 * acknowledged outlives both `kill -9` and a power cut. The log carries checksums: a write that was cut short is
 * dropped when the file is next opened, everything before it stays.
 *
 * @see https://www.sqlite.org/wal.html
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const schema = `
  CREATE TABLE IF NOT EXISTS partitions (
    id INTEGER PRIMARY KEY,
    hub TEXT NOT NULL COLLATE NOCASE,
    number INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    next_sequence INTEGER NOT NULL DEFAULT 0,
    next_offset INTEGER NOT NULL DEFAULT 0,
    last_offset INTEGER NOT NULL DEFAULT -1,
    last_enqueued_at INTEGER NOT NULL DEFAULT 0,
    UNIQUE (hub, number)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    partition INTEGER NOT NULL REFERENCES partitions (id),
    sequence INTEGER NOT NULL,
    "offset" INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    message BLOB NOT NULL,
    PRIMARY KEY (partition, sequence)
  ) STRICT, WITHOUT ROWID;
`;

/** Result codes of SQLite that a person can do something about. */
const code = { busy: 5, readOnly: 8, corrupt: 11, cannotOpen: 14, notADatabase: 26 } as const;

/**
 * Opens the file in a folder, creating both where they are missing, and keeps it to this process alone.
 *
 * @throws Error with one sentence on what to do, when the folder cannot be used or the file is damaged
 */
export function openDatabase(folder: string): { database: DatabaseSync; wasInterrupted: boolean } {
  const file = join(folder, "events.db");
  createFolder(folder);
  const wasInterrupted = hasUnfinishedLog(file);
  try {
    const database = new DatabaseSync(file);
    // Exclusive locking is how a second stand-in on the same folder is noticed; the system drops the lock on a kill.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    database.exec(schema);
    if (!isSound(database)) throw damaged(file);
    return { database, wasInterrupted };
  } catch (error) {
    throw explain(error, folder, file);
  }
}

function createFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw notWritable(folder, cause);
  }
}

/** A clean stop removes the log; one that is left over was being written when its process ended. */
function hasUnfinishedLog(file: string): boolean {
  return existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0;
}

function isSound(database: DatabaseSync): boolean {
  return database.prepare("PRAGMA quick_check(1)").get()?.quick_check === "ok";
}

function explain(error: unknown, folder: string, file: string): unknown {
  switch ((error as { errcode?: number }).errcode) {
    case code.busy:
      return new Error(
        `The folder ${folder} is already in use by another Event Hubs stand-in; stop it or choose another with --folder.`,
        { cause: error },
      );
    case code.readOnly:
    case code.cannotOpen:
      return notWritable(folder, error);
    case code.corrupt:
    case code.notADatabase:
      return damaged(file, error);
    default:
      return error;
  }
}

function notWritable(folder: string, cause: unknown): Error {
  return new Error(`The folder ${folder} cannot be written to; choose another with --folder.`, { cause });
}

function damaged(file: string, cause?: unknown): Error {
  return new Error(`The file ${file} is damaged; put back a copy, or delete it to start without events.`, { cause });
}
