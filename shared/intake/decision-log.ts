import { createHash } from "node:crypto";
import type { Mode } from "../mode.ts";
import type { LazyTable } from "../storage/lazy-table.ts";

/** What intake made of an alert, or of one machine of an alert, and why. */
export interface Decision {
  tenantId: string;
  alertId: string;
  /** Absent when the decision is about the alert as a whole. */
  machineId?: string | undefined;
  /** The rule it follows from: several may each start something on a machine. */
  rule?: string | undefined;
  verdict: "run" | "waiting" | "ignored";
  /** What the run does; one that was only pretended is kept beside what was done. */
  mode?: Mode | undefined;
  reason: string;
  runId?: string | undefined;
}

export interface DecisionLog {
  /** Keeps the decision; a later one about the same alert and machine replaces it. */
  record(decision: Decision): Promise<void>;
  /** Keeps the decision unless there is one about the same alert and machine: what was done is not covered up. */
  recordFirst(decision: Decision): Promise<void>;
  ofAlert(alertId: string): Promise<(Decision & { at: string })[]>;
}

/** Decisions in table storage, one partition per alert. */
export function createTableDecisionLog(table: LazyTable, now: () => Date = () => new Date()): DecisionLog {
  const rowOf = ({ alertId, tenantId, machineId, ...decision }: Decision) => {
    const rowKey = `${tenantId}:${machineId ?? "alert"}${ruleKey(decision)}${decision.mode === "shadow" ? ":shadow" : ""}`;
    const about = { partitionKey: alertId, rowKey, tenantId, ...(machineId && { machineId }) };
    return { ...about, ...decision, at: now().toISOString() };
  };

  return {
    async record(decision) {
      const { machineId, rule, runId, ...ofAlert } = decision;
      // What was said of the alert while it was waited for does not hold any more.
      const summary = { ...ofAlert, reason: "its machines are decided about one by one" };
      const rows = machineId ? [rowOf(decision), rowOf(summary)] : [rowOf(decision)];
      await table.change(rows.map((row) => ({ upsert: row })));
    },
    recordFirst: async (decision) => void (await table.insert(rowOf(decision))),
    async ofAlert(alertId) {
      const rows = await table.ofPartition<Decision & { at: string }>(alertId);
      return rows.map(({ tenantId, machineId, verdict, mode, reason, runId, at }) => {
        return { tenantId, alertId, machineId, verdict, ...(mode && { mode }), reason, runId, at };
      });
    },
  };
}

/** Names of rules are free text, and keys are not. */
const ruleKey = ({ rule }: Pick<Decision, "rule">): string =>
  rule === undefined ? "" : `:${createHash("sha256").update(rule).digest("hex").slice(0, 12)}`;
