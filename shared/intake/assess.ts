import type { MachineId } from "../defender/machines/machine.ts";
import type { Mode } from "../mode.ts";
import type { AutomationRule } from "../rules/automation-rule.ts";
import { decide, type Fact, type RuleAction } from "../rules/decide.ts";
import { whyUndecided, whyUnmatched } from "../rules/in-words.ts";
import { runIdOf } from "../runs/run-id.ts";
import { instantOf } from "../streaming/instant.ts";
import type { AlertFacts } from "./alert-facts.ts";
import type { MachineFacts } from "./known-machines.ts";

/** What should happen about an alert: runs to start, nothing for a reason, or a closer look. */
export type Assessment =
  | { verdict: "run"; runs: PlannedRun[] }
  /** `isPassedBy`: nothing was looked at but its age or tenant. */
  | { verdict: "ignored"; reason: string; isPassedBy?: true }
  | { verdict: "incomplete"; reason: string }
  /** A rule depends on machines that were not read lately. `runs`: what is to be started whatever they are like. */
  | { verdict: "unread"; machineIds: MachineId[]; reason: string; runs: PlannedRun[] };

/** What is to be started now. */
export const plannedRunsOf = (assessment: Assessment): readonly PlannedRun[] =>
  "runs" in assessment ? assessment.runs : [];

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

export interface Circumstances {
  rules: readonly AutomationRule[];
  /** The machines that were read, by id. */
  machines?: ReadonlyMap<string, MachineFacts>;
  now: Date;
  /** Whether nothing more can be known: then what depends on it is not done. */
  isFinal?: boolean;
}

/**
 * Decides from what is known of an alert, machine by machine. Pure: the same facts, rules and time give the same runs with
 * the same ids.
 */
export function assess(facts: AlertFacts, circumstances: Circumstances): Assessment {
  const { rules, machines, now, isFinal = false } = circumstances;
  const machineIds: readonly (MachineId | undefined)[] = facts.machineIds.length > 0 ? facts.machineIds : [undefined];
  const judged = machineIds.map((machineId) => {
    const subject = { alert: facts, machine: machineId && machines?.get(machineId), now };
    return { machineId, subject, decision: decide(subject, rules) };
  });

  const undecided = judged.flatMap(({ machineId, decision }) =>
    decision.verdict === "unknown" ? [{ machineId, decision, isMachine: isOnlyMachine(decision) }] : [],
  );
  const matched = judged.flatMap(({ machineId, decision }) =>
    decision.verdict === "none" ? [] : decision.actions.map((action) => ({ machineId, action })),
  );
  const runs = matched.flatMap(({ machineId, action }) => (machineId ? [planned(facts, machineId, action)] : []));
  // What the alert itself lacks comes before what a machine would have to be read for.
  const [open] = undecided.filter(({ isMachine }) => !isMachine).concat(undecided);
  if (open && !isFinal) {
    const reason = whyUndecided(open.decision);
    if (!open.isMachine) return { verdict: "incomplete", reason };
    const unread = undecided.flatMap(({ machineId }) => machineId ?? []);
    return unread.length > 0 ? { verdict: "unread", machineIds: unread, reason, runs } : noMachine;
  }
  if (matched.length > 0 && facts.machineIds.length === 0) return noMachine;
  if (runs.length > 0) return { verdict: "run", runs };
  const [first] = judged;
  const reason = open ? whyUndecided(open.decision) : whyUnmatched(first?.subject ?? { alert: facts, now }, rules);
  return { verdict: "ignored", reason };
}

const noMachine: Assessment = { verdict: "incomplete", reason: "no machine is known to be hit" };

const isOnlyMachine = ({ needs }: { needs: readonly Fact[] }): boolean => needs.every((need) => need === "machine");

function planned(facts: AlertFacts, machineId: MachineId, action: RuleAction): PlannedRun {
  const { tenantId, alertId, title, severity, incidentId } = facts;
  const { rule, playbook, mode, coolDownMs } = action;
  const about = {
    ...{ tenantId, alertId, machineId },
    ...(severity !== undefined && { severity }),
    ...(title !== undefined && { alertTitle: title }),
    ...(incidentId !== undefined && { incidentId }),
  };
  const runId = runIdOf({ tenantId, alertId, machineId, rule, playbook, mode });
  return { runId, rule, playbook, machineId, mode, coolDownMs, input: { ...action.with, ...about } };
}
