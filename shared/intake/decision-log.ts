import type { LazyTable } from "../storage/lazy-table.ts";

/** What intake made of an alert, or of one machine of an alert, and why. */
export interface Decision {
  tenantId: string;
  alertId: string;
  /** Absent when the decision is about the alert as a whole. */
  machineId?: string | undefined;
  verdict: "run" | "waiting" | "ignored";
  reason: string;
  runId?: string | undefined;
}

export interface DecisionLog {
  /** Keeps the decision; a later one about the same alert and machine replaces it. */
  record(decision: Decision): Promise<void>;
  ofAlert(alertId: string): Promise<(Decision & { at: string })[]>;
}

/** Decisions in table storage, one partition per alert. */
export function createTableDecisionLog(table: LazyTable, now: () => Date = () => new Date()): DecisionLog {
  return {
    async record({ alertId, tenantId, machineId, ...decision }) {
      const rowKey = `${tenantId}:${machineId ?? "alert"}`;
      const row = { partitionKey: alertId, rowKey, tenantId, ...(machineId && { machineId }), ...decision };
      await table.upsert({ ...row, at: now().toISOString() });
    },
    async ofAlert(alertId) {
      const rows = await table.ofPartition<Decision & { at: string }>(alertId);
      return rows.map(({ tenantId, machineId, verdict, reason, runId, at }) => {
        return { tenantId, alertId, machineId, verdict, reason, runId, at };
      });
    },
  };
}
