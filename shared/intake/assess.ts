import type { Mode } from "../mode.ts";
import type { AutomationRule } from "../rules/automation-rule.ts";
import { decide } from "../rules/decide.ts";
import { whyUndecided, whyUnmatched } from "../rules/in-words.ts";
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
  mode: Mode;
  /** For how long after such a run nothing new starts on the machine, in milliseconds. */
  coolDownMs?: number | undefined;
}

/**
 * Why an alert is let be for its age, so that a stream read from its beginning does not act on last week; nothing where it
 * is young enough.
 */
export function tooOld({ publishedAt }: AlertFacts, oldest: Date | undefined): string | undefined {
  if (!oldest) return undefined;
  const published = publishedAt === undefined ? undefined : instantOf(publishedAt);
  if (!published) return "its age is not known";
  return published < oldest ? `it was published at ${publishedAt}, longer ago than is acted on` : undefined;
}

/**
 * Decides from what is known of an alert. Pure: the same facts, rules and time give the same runs, and the time has no part
 * in their ids.
 */
export function assess(facts: AlertFacts, rules: readonly AutomationRule[], now = new Date()): Assessment {
  const { tenantId, alertId, title, severity, machineIds, incidentId } = facts;
  const subject = { alert: facts, now };
  const decision = decide(subject, rules);
  if (decision.verdict === "none") return { verdict: "ignored", reason: whyUnmatched(subject, rules) };
  if (decision.verdict === "unknown") return { verdict: "incomplete", reason: whyUndecided(decision) };
  if (machineIds.length === 0) return { verdict: "incomplete", reason: "no machine is known to be hit" };

  const about = {
    ...{ tenantId, alertId },
    ...(severity !== undefined && { severity }),
    ...(title !== undefined && { alertTitle: title }),
    ...(incidentId !== undefined && { incidentId }),
  };
  const runs = machineIds.flatMap((machineId) =>
    decision.actions.map(({ rule, playbook, with: parameters, mode, coolDownMs }) => ({
      runId: runIdOf({ tenantId, alertId, machineId, rule, playbook, mode }),
      ...{ rule, playbook, machineId, mode, coolDownMs },
      input: { ...parameters, ...about, machineId },
    })),
  );
  return { verdict: "run", runs };
}
