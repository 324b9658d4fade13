import { createHash } from "node:crypto";
import type { LazyTable } from "../storage/lazy-table.ts";
import { Snooze, type SnoozeStore } from "./snooze.ts";

const PARTITION = "snoozes";

/** Snoozes in table storage. One that has ended goes when it is next looked at. */
export function createTableSnoozeStore(table: LazyTable, now: () => number = Date.now): SnoozeStore {
  return {
    async set(snooze) {
      const id = idOf(snooze);
      await table.upsert({ partitionKey: PARTITION, rowKey: id, ...snooze });
      return id;
    },
    async active() {
      const rows = await table.ofPartition<{ rowKey: string } & Record<string, unknown>>(PARTITION);
      const active: (Snooze & { id: string })[] = [];
      for (const { rowKey, tenantId, machineId, rule, title, until, reason, by } of rows) {
        const snooze = Snooze.parse({ tenantId, machineId, rule, title, until, reason, by });
        if (Date.parse(snooze.until) > now()) active.push({ ...snooze, id: rowKey });
        else await table.remove(PARTITION, rowKey);
      }
      return active;
    },
    end: (id) => table.remove(PARTITION, id),
  };
}

const idOf = ({ tenantId, machineId, rule, title }: Snooze): string =>
  createHash("sha256")
    .update(JSON.stringify([tenantId, machineId, rule, title]))
    .digest("hex")
    .slice(0, 16);
