import { randomUUID } from "node:crypto";
import type { Effect } from "../playbook.ts";
import type { LazyTable } from "../storage/lazy-table.ts";

/** One thing that was decided about, or done to, a machine or something else in Defender. */
export interface AuditEntry {
  runId: string;
  activity: string;
  effect: Effect;
  machineId?: string;
  /** What it was about where that is no machine, for people: an indicator, an alert, a file. */
  target?: string;
  /** `would-have`: it was only pretended. */
  event: "allowed" | "denied" | "would-have" | "done" | "failed";
  /** That of the verdict. */
  code?: string;
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
      return rows.map(toEntry);
    },
  };
}

/** Without what table storage adds to a row. */
function toEntry(row: AuditEntry & { at: string }): AuditEntry & { at: string } {
  const { at, runId, activity, effect, machineId, target, event, code, reason } = row;
  const subject = { ...(machineId !== undefined && { machineId }), ...(target !== undefined && { target }) };
  return { at, runId, activity, effect, ...subject, event, ...(code !== undefined && { code }), reason };
}
