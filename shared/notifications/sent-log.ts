import { createHash } from "node:crypto";
import type { LazyTable } from "../storage/lazy-table.ts";

/** One notification on one channel. */
export interface SentMessage {
  runId: string;
  key: string;
  channel: string;
}

/** What was sent already. */
export interface SentLog {
  has(message: SentMessage): Promise<boolean>;
  note(message: SentMessage): Promise<void>;
}

/** In table storage, one partition per run. Keys may hold what a row key must not, so their hash is the row's. */
export function createTableSentLog(table: Pick<LazyTable, "get" | "change">): SentLog {
  const rowKeyOf = ({ key, channel }: SentMessage) =>
    createHash("sha256")
      .update(JSON.stringify([key, channel]))
      .digest("hex");
  return {
    has: async (message) => (await table.get(message.runId, rowKeyOf(message))) !== undefined,
    async note(message) {
      const { runId, key, channel } = message;
      await table.change([{ upsert: { partitionKey: runId, rowKey: rowKeyOf(message), key, channel } }]);
    },
  };
}
