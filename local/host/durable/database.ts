import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What brings a file from each version to the next. Only ever add to the end: files of all versions are about. */
const VERSIONS = [
  `
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
`,
  // Few of many go on or have failed, and those are asked for.
  "CREATE INDEX instancesByStatus ON instances (status, createdAt, id);",
];

/** More in one transaction saves hardly anything, and makes requests and timers wait. */
const MOST_TOGETHER = 250;

/** The engine's file: reads at once, writes together. */
export interface Database {
  readonly sql: DatabaseSync;
  /**
   * Makes changes that take effect all or none, and resolves once they are on disk. Changes asked for in the same moment
   * share transactions, as each costs a wait for the disk. Rejects once the disk has refused a write, and after the end.
   */
  write(change: () => void): Promise<void>;
  /** As `write`, for what nobody waits for: should it fail, `onFailure` is told as ever. */
  writeSoon(change: () => void): void;
  /** Writes what is waiting and gives the file free; nothing is written afterwards. */
  close(): void;
}

/**
 * Opens the file that holds all runs, or makes it.
 *
 * @param onFailure called once, when the disk refuses a write: nothing can be promised from then on
 * @throws Error in one sentence when the file is damaged, in use, or of a newer version
 */
export function openDatabase(file: string, onFailure: (error: Error) => void): Database {
  const sql = open(file);
  let waiting: { change: () => void; done: () => void; failed: (error: Error) => void }[] = [];
  /** Why nothing is written any more. */
  let end: Error | undefined;

  function flush(): void {
    const batch = waiting.slice(0, MOST_TOGETHER);
    waiting = waiting.slice(MOST_TOGETHER);
    if (waiting.length > 0) setImmediate(flush);
    if (!end) end = writeAll(batch.map(({ change }) => change));
    for (const { done, failed } of batch) end ? failed(end) : done();
  }

  function writeAll(changes: (() => void)[]): Error | undefined {
    try {
      sql.exec("BEGIN IMMEDIATE");
      for (const change of changes) change();
      sql.exec("COMMIT");
      return undefined;
    } catch (cause) {
      if (sql.isTransaction) sql.exec("ROLLBACK");
      const error = new Error(`The runs in ${file} could not be saved: ${(cause as Error).message}`, { cause });
      onFailure(error);
      return error;
    }
  }

  function write(change: () => void): Promise<void> {
    if (end) return Promise.reject(end);
    return new Promise((done, failed) => {
      waiting.push({ change, done, failed });
      if (waiting.length === 1) setImmediate(flush);
    });
  }

  return {
    sql,
    write,
    writeSoon: (change) => void write(change).catch(() => undefined),
    close() {
      while (waiting.length > 0) flush();
      end ??= new Error(`The runs in ${file} are closed.`);
      sql.close();
    },
  };
}

function open(file: string): DatabaseSync {
  let sql: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    sql = new DatabaseSync(file);
    sql.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    // Takes the lock, which lasts as long as the file is open.
    sql.exec("BEGIN EXCLUSIVE; COMMIT;");
    const { quick_check: verdict } = sql.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (verdict !== "ok") throw damage(verdict);
    prepareSchema(sql, file);
    return sql;
  } catch (error) {
    sql?.close();
    throw explain(file, error as SqliteError);
  }
}

function prepareSchema(sql: DatabaseSync, file: string): void {
  const { user_version: version } = sql.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version === VERSIONS.length) return;
  if (version > VERSIONS.length) {
    throw new UsableSentence(
      `${file} was written by a newer version of this program: use that one, or another folder.`,
    );
  }
  const missing = VERSIONS.slice(version).join("");
  sql.exec(`BEGIN; ${missing} PRAGMA user_version = ${VERSIONS.length}; COMMIT;`);
}

class UsableSentence extends Error {}

/** What `node:sqlite` throws; the lowest byte of `errcode` says what kind of failure it is. */
interface SqliteError extends Error {
  errcode?: number;
}

const SQLITE_BUSY = 5;
/** Damaged, or no database at all. */
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** The last line of SQLite's verdict says what is wrong, those before it where. */
const damage = (verdict: string): SqliteError =>
  Object.assign(new Error(verdict.split("\n").at(-1)), { errcode: SQLITE_CORRUPT });

function explain(file: string, error: SqliteError): Error {
  if (error instanceof UsableSentence) return error;
  const kind = (error.errcode ?? 0) & 0xff;
  if (kind === SQLITE_BUSY) {
    return new Error(`${file} is in use by another host: stop that one, or give this one another folder.`);
  }
  if (kind !== SQLITE_CORRUPT && kind !== SQLITE_NOTADB) {
    return new Error(`${file} cannot be opened (${error.message}): check that it may be written.`, { cause: error });
  }
  const advice = "restore it from a backup, or move it away to start without the runs in it.";
  return new Error(`${file} is damaged (${error.message}): ${advice}`, { cause: error });
}
