import type { Database } from "./database.ts";

/** Changes that take effect all or none, and what follows from them once they are on disk. */
export interface Changes {
  /** Part of the transaction. */
  write(row: () => void): void;
  /** Done after the commit, in the order given. */
  after(follow: () => void): void;
  commit(): Promise<void>;
}

export function collectChanges(database: Database): Changes {
  const rows: (() => void)[] = [];
  const follows: (() => void)[] = [];
  return {
    write: (row) => void rows.push(row),
    after: (follow) => void follows.push(follow),
    async commit() {
      await database.write(() => {
        for (const row of rows) row();
      });
      for (const follow of follows) follow();
    },
  };
}
