import { randomUUID } from "node:crypto";
import type { Effect } from "../playbook.ts";
import type { LazyTable } from "../storage/lazy-table.ts";

/** One thing that was decided about, or done to, a machine. */
export interface AuditEntry {
  runId: string;
  activity: string;
  effect: Effect;
  machineId: string;
  event: "allowed" | "denied" | "done" | "failed";
  reason: string;
}

export interface AuditLog {
  record(entry: AuditEntry): Promise<void>;
  ofRun(runId: string): Promise<(AuditEntry & { at: string })[]>;
}

/**
 * Audit records in table storage, one partition per run, in order of time. Never updated: a repeated step adds a record,
 * because it did happen again.
 */
export function createTableAuditLog(table: LazyTable, now: () => Date = () => new Date()): AuditLog {
  return {
    async record(entry) {
      const at = now().toISOString();
      const rowKey = `${at}-${entry.event}-${randomUUID()}`;
      await table.insert({ partitionKey: entry.runId, rowKey, at, ...entry });
    },
    async ofRun(runId) {
      const rows = await table.ofPartition<AuditEntry & { at: string }>(runId);
      return rows.map(({ at, activity, effect, machineId, event, reason }) => {
        return { at, runId, activity, effect, machineId, event, reason };
      });
    },
  };
}
