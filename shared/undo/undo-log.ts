import { createHash } from "node:crypto";
import { z } from "zod";
import type { LazyTable } from "../storage/lazy-table.ts";

/** One thing a run did, and what takes it back. */
export const Undoable = z.object({
  runId: z.string(),
  activity: z.string(),
  at: z.iso.datetime(),
  inverse: z.object({ activity: z.string(), input: z.record(z.string(), z.unknown()) }),
});
export type Undoable = z.infer<typeof Undoable>;

/** What runs did that can be taken back. */
export interface UndoLog {
  /** Notes one thing; the first time it was done counts. Safe to repeat. */
  note(done: Undoable): Promise<void>;
  /** What a run did, the last first. */
  ofRun(runId: string): Promise<Undoable[]>;
}

type Row = { state: string };

/** In table storage, one partition per run. A step that was repeated stands there once: what takes it back is its key. */
export function createTableUndoLog(table: Pick<LazyTable, "change" | "ofPartition">): UndoLog {
  return {
    async note(done) {
      const rowKey = createHash("sha256")
        .update(JSON.stringify([done.activity, done.inverse]))
        .digest("hex");
      await table.change([{ insert: { partitionKey: done.runId, rowKey, state: JSON.stringify(done) } }]);
    },
    async ofRun(runId) {
      const rows = await table.ofPartition<Row>(runId);
      return rows
        .map(({ state }) => Undoable.parse(JSON.parse(state)))
        .sort((one, other) => other.at.localeCompare(one.at));
    },
  };
}
