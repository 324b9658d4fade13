import type { FaultEffect } from "./faults.ts";
import { openLines, readLines } from "./lines.ts";
import { matchesPath } from "./pattern.ts";

/** One call to the simulator, whatever became of it. Tokens and secrets are never part of it. */
export interface JournalEntry {
  seq: number;
  /** The tenant's time, ISO 8601. */
  time: string;
  method: string;
  path: string;
  /** The query string, decoded, without its question mark. */
  query?: string;
  /** The HTTP status sent, or 0 if no answer was. */
  status: number;
  /** The client the token was issued to. */
  appId?: string;
  machineId?: string;
  alertId?: string;
  machineActionId?: string;
  actionType?: string;
  /** The request's body. */
  body?: unknown;
  /** What the call was made to suffer by the control API. */
  fault?: FaultEffect;
  /** With a fault: whether the call took effect all the same. */
  performed?: boolean;
}

export interface JournalQuery {
  method?: string | undefined;
  /** A path, with `*` for any run of characters. */
  path?: string | undefined;
  /** Only entries with a higher `seq`. */
  after?: number | undefined;
  /** Only the newest so many. */
  limit?: number | undefined;
}

export interface Journal {
  add(entry: Omit<JournalEntry, "seq">): void;
  find(query: JournalQuery): JournalEntry[];
  clear(): void;
  close(): void;
}

/** The oldest entries beyond these are dropped from memory (not from the file). */
const KEPT_ENTRIES = 250_000;

/** The record of every call, in memory and, if a file is named, on disk, from where it is read back after a restart. */
export function openJournal(file?: string): Journal {
  let entries = file ? (readLines(file) as JournalEntry[]).slice(-KEPT_ENTRIES) : [];
  let seq = entries.at(-1)?.seq ?? 0;
  const lines = file ? openLines(file) : undefined;

  return {
    add(entry) {
      const numbered = { seq: ++seq, ...entry };
      entries.push(numbered);
      lines?.append(numbered);
      // Dropping half at a time keeps the cost per call constant.
      if (entries.length > KEPT_ENTRIES * 1.5) entries = entries.slice(-KEPT_ENTRIES);
    },
    find({ method, path, after = 0, limit }) {
      const found = entries.filter(
        (entry) =>
          entry.seq > after &&
          (!method || entry.method === method.toUpperCase()) &&
          (!path || matchesPath(path, entry.path)),
      );
      return limit === undefined ? found : found.slice(-limit);
    },
    clear() {
      entries = [];
      lines?.rewrite([]);
    },
    close: () => lines?.close(),
  };
}
