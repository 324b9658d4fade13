import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

const SCHEMA_VERSION = 1;

const SCHEMA = `
CREATE TABLE instances (
  id TEXT PRIMARY KEY,
  executionId TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT,
  status TEXT NOT NULL,
  input TEXT,
  output TEXT,
  customStatus TEXT,
  createdAt INTEGER NOT NULL,
  updatedAt INTEGER NOT NULL,
  parent TEXT
) STRICT;
CREATE INDEX instancesByTime ON instances (createdAt, id);
CREATE TABLE history (
  instanceId TEXT NOT NULL,
  position INTEGER NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (instanceId, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  instanceId TEXT NOT NULL,
  event TEXT NOT NULL,
  dueAt INTEGER
) STRICT;
CREATE INDEX messagesByInstance ON messages (instanceId);
CREATE TABLE tasks (
  id INTEGER PRIMARY KEY,
  instanceId TEXT NOT NULL,
  executionId TEXT NOT NULL,
  taskId INTEGER NOT NULL,
  name TEXT NOT NULL,
  input TEXT NOT NULL
) STRICT;
CREATE INDEX tasksByInstance ON tasks (instanceId);
CREATE TABLE entities (
  id TEXT PRIMARY KEY,
  state TEXT,
  isPresent INTEGER NOT NULL,
  lockedBy TEXT,
  updatedAt INTEGER NOT NULL
) STRICT;
CREATE TABLE entityMessages (
  id INTEGER PRIMARY KEY,
  entityId TEXT NOT NULL,
  request TEXT NOT NULL,
  dueAt INTEGER
) STRICT;
`;

/** The engine's file: reads at once, writes together. */
export interface Database {
  readonly sql: DatabaseSync;
  /**
   * Makes changes that take effect all or none, and resolves once they are on disk. Changes asked for in the same moment
   * share one transaction, as each costs a wait for the disk.
   */
  write(change: () => void): Promise<void>;
  close(): void;
}

/**
 * Opens the file that holds all runs, or makes it.
 *
 * @param onFailure called when the disk refuses a write: nothing can be promised from then on
 * @throws Error in one sentence when the file is damaged, in use, or of a newer version
 */
export function openDatabase(file: string, onFailure: (error: Error) => void): Database {
  const sql = open(file);
  let waiting: { change: () => void; done: () => void; failed: (error: Error) => void }[] = [];

  function flush(): void {
    const batch = waiting;
    waiting = [];
    try {
      sql.exec("BEGIN IMMEDIATE");
      for (const { change } of batch) change();
      sql.exec("COMMIT");
    } catch (cause) {
      const error = new Error(`The runs in ${file} could not be saved: ${(cause as Error).message}`, { cause });
      for (const { failed } of batch) failed(error);
      onFailure(error);
      return;
    }
    for (const { done } of batch) done();
  }

  return {
    sql,
    write(change) {
      return new Promise((done, failed) => {
        waiting.push({ change, done, failed });
        if (waiting.length === 1) setImmediate(flush);
      });
    },
    close() {
      if (waiting.length > 0) flush();
      sql.close();
    },
  };
}

function open(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  let sql: DatabaseSync | undefined;
  try {
    sql = new DatabaseSync(file);
    sql.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    // Takes the lock, which lasts as long as the file is open.
    sql.exec("BEGIN EXCLUSIVE; COMMIT;");
    const { quick_check: verdict } = sql.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (verdict !== "ok") throw new Error(verdict);
    prepareSchema(sql, file);
    return sql;
  } catch (error) {
    sql?.close();
    throw explain(file, error as Error & { errcode?: number });
  }
}

function prepareSchema(sql: DatabaseSync, file: string): void {
  const { user_version: version } = sql.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version === SCHEMA_VERSION) return;
  if (version > SCHEMA_VERSION) {
    throw new UsableSentence(
      `${file} was written by a newer version of this program: use that one, or another folder.`,
    );
  }
  sql.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
}

class UsableSentence extends Error {}

const SQLITE_BUSY = 5;

function explain(file: string, error: Error & { errcode?: number }): Error {
  if (error instanceof UsableSentence) return error;
  if (error.errcode === SQLITE_BUSY) {
    return new Error(`${file} is in use by another host: stop that one, or give this one another folder.`);
  }
  const advice = "restore it from a backup, or move it away to start without the runs in it.";
  return new Error(`${file} cannot be read as a run store (${error.message}): ${advice}`, { cause: error });
}
