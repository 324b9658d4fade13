import type { AutomationRule } from "../rules/automation-rule.ts";
import { matchAutomationRule } from "../rules/match.ts";
import { runIdOf } from "../runs/run-id.ts";
import { instantOf } from "../streaming/instant.ts";
import type { AlertFacts } from "./alert-facts.ts";

/** What should happen about an alert: runs to start, nothing for a reason, or a closer look. */
export type Assessment =
  | { verdict: "run"; runs: PlannedRun[] }
  | { verdict: "ignored"; reason: string }
  | { verdict: "incomplete"; reason: string };

export interface PlannedRun {
  runId: string;
  rule: string;
  playbook: string;
  machineId: string;
  input: Record<string, unknown>;
}

/**
 * Decides from what is known of an alert. Pure: the same facts and rules give the same runs with the same ids.
 *
 * @param oldest alerts published before are let be, so that a stream read from its beginning does not act on last week
 */
export function assess(facts: AlertFacts, rules: readonly AutomationRule[], oldest?: Date): Assessment {
  const { tenantId, alertId, title, severity, machineIds, publishedAt } = facts;
  const published = publishedAt === undefined ? undefined : instantOf(publishedAt);
  if (oldest && (!published || published < oldest)) {
    const reason = published
      ? `it was published at ${publishedAt}, longer ago than is acted on`
      : "its age is not known";
    return { verdict: "ignored", reason };
  }
  if (severity === undefined) return { verdict: "incomplete", reason: "its severity is not known" };

  const rule = matchAutomationRule({ severity }, rules);
  if (!rule) return { verdict: "ignored", reason: `no automation rule is for severity ${severity}` };
  if (machineIds.length === 0) return { verdict: "incomplete", reason: "no machine is known to be hit" };

  const { name, playbook } = rule;
  const runs = machineIds.map((machineId) => ({
    runId: runIdOf({ tenantId, alertId, machineId, rule: name, playbook }),
    rule: name,
    playbook,
    machineId,
    input: { ...rule.with, tenantId, alertId, machineId, severity, ...(title !== undefined && { alertTitle: title }) },
  }));
  return { verdict: "run", runs };
}
