import type { AutomationRule } from "../rules/automation-rule.ts";
import type { RunControl } from "../runs/run-control.ts";
import { assessmentRunId } from "../runs/run-id.ts";
import type { AlertFacts } from "./alert-facts.ts";
import { type Assessment, assess, type PlannedRun } from "./assess.ts";
import type { DecisionLog } from "./decision-log.ts";

/** The name of the playbook that completes an alert; see functions/playbooks/assess-alert.ts. */
export const ASSESS_ALERT = "assess-alert";

export interface Admission {
  runs: RunControl;
  decisions: DecisionLog;
  rules: readonly AutomationRule[];
}

/** How many runs were started, and how many were there already. */
export interface Admitted {
  started: number;
  duplicates: number;
}

/**
 * Acts on an alert as far as it is known: starts the runs it calls for, records why nothing is done, or starts the run
 * that waits and completes it from the API. Safe to repeat: ids of runs follow from the alert.
 */
export async function admit(
  facts: AlertFacts,
  admission: Admission,
  { settleSeconds, oldest }: { settleSeconds: number; oldest?: Date | undefined },
): Promise<Admitted> {
  const assessment = assess(facts, admission.rules, oldest);
  if (assessment.verdict !== "incomplete") return settle(facts, assessment, admission);

  const { tenantId, alertId } = facts;
  const runId = assessmentRunId(tenantId, alertId);
  const outcome = await admission.runs.startOnce(ASSESS_ALERT, runId, { ...facts, settleSeconds });
  // A repeated record must not hide what the assessment has found since.
  if (outcome === "started") {
    const reason = `${assessment.reason}; it will be read from Defender`;
    await admission.decisions.record({ tenantId, alertId, verdict: "waiting", reason, runId });
  }
  return countOf([outcome]);
}

/** The last word on an alert: what is still not known stays unknown, and the reason is recorded. */
export async function settle(facts: AlertFacts, assessment: Assessment, admission: Admission): Promise<Admitted> {
  const { tenantId, alertId } = facts;
  if (assessment.verdict !== "run") {
    await admission.decisions.record({ tenantId, alertId, verdict: "ignored", reason: assessment.reason });
    return countOf([]);
  }
  return countOf(await Promise.all(assessment.runs.map((run) => startRun(facts, run, admission))));
}

async function startRun({ tenantId, alertId }: AlertFacts, run: PlannedRun, { runs, decisions }: Admission) {
  const { runId, machineId, playbook, rule, input } = run;
  const outcome = await runs.startOnce(playbook, runId, input);
  const reason = `rule "${rule}" starts ${playbook}`;
  await decisions.record({ tenantId, alertId, machineId, verdict: "run", reason, runId });
  return outcome;
}

const countOf = (outcomes: readonly string[]): Admitted => ({
  started: outcomes.filter((outcome) => outcome === "started").length,
  duplicates: outcomes.filter((outcome) => outcome === "duplicate").length,
});
