import type { Machine } from "../../shared/defender/machines/machine.ts";
import type { AlertFacts } from "../../shared/intake/alert-facts.ts";
import type { Policy } from "../../shared/policy/policy.ts";
import type { AutomationRule } from "../../shared/rules/automation-rule.ts";
import { type Decision, decide, type Subject } from "../../shared/rules/decide.ts";
import { whyUndecided, whyUnmatched } from "../../shared/rules/in-words.ts";
import { instantOf } from "../../shared/streaming/instant.ts";
import { type PolicyWord, policyOverTime } from "./policy-over-time.ts";

/** What would have become of an alert on one of its machines. */
export interface BacktestRow {
  /** When the alert was published; rules are held against it as of then. Absent: not known, and they count as of now. */
  at?: string | undefined;
  tenantId: string;
  alertId: string;
  title?: string | undefined;
  severity?: string | undefined;
  machineId?: string | undefined;
  /** `cooling`: the rule had started the playbook there not long before. */
  outcome: "starts" | "cooling" | "nothing" | "unknown" | "no-machine";
  rule?: string;
  playbook?: string;
  mode?: string;
  /** Why nothing starts, where it does not. */
  reason?: string;
  /** What the policy would have said, as far as the machine is known. */
  policy?: PolicyWord;
}

export interface Backtest {
  alerts: readonly AlertFacts[];
  machines: ReadonlyMap<string, Machine>;
  rules: readonly AutomationRule[];
  policy: Policy;
  now: Date;
}

/**
 * What rules would have done about alerts, in the order in which they came. How long runs would have taken nobody knows:
 * alerts that would have joined a run that was under way count as starting one.
 */
export function backtest({ alerts, machines, rules, policy, now }: Backtest): BacktestRow[] {
  const startedAt = new Map<string, number>();
  const judge = policyOverTime(policy);
  const inOrder = alerts
    .map((alert) => ({ alert, at: publishedAt(alert)?.toISOString(), time: publishedAt(alert) ?? now }))
    .sort((one, other) => one.time.getTime() - other.time.getTime());

  return inOrder.flatMap(({ alert, time, at }) => {
    const { tenantId, alertId, title, severity } = alert;
    const hit = alert.machineIds.length > 0 ? alert.machineIds : [undefined];
    return hit.flatMap((machineId): BacktestRow[] => {
      const about = { at, tenantId, alertId, title, severity, machineId };
      const machine = machineId && machines.get(machineId);
      const subject: Subject = { alert, machine: machine || undefined, now: time };
      const decision = decide(subject, rules);
      if (decision.verdict !== "matched") return [{ ...about, ...undone(decision, subject, rules) }];
      return decision.actions.map((action): BacktestRow => {
        const wanted = { ...about, rule: action.rule, playbook: action.playbook, mode: action.mode };
        if (!machineId) return { ...wanted, outcome: "no-machine", reason: "no machine is known to be hit" };
        const key = JSON.stringify([tenantId, machineId, action.rule, action.playbook]);
        const coolUntil = (startedAt.get(key) ?? Number.NEGATIVE_INFINITY) + (action.coolDownMs ?? 0);
        if (time.getTime() < coolUntil) {
          const reason = `nothing new starts there before ${new Date(coolUntil).toISOString()}`;
          return { ...wanted, outcome: "cooling", reason };
        }
        startedAt.set(key, time.getTime());
        const policy = machine ? judge({ action, machine, tenantId, alertId, at: time }) : undefined;
        return { ...wanted, outcome: "starts", ...(policy && { policy }) };
      });
    });
  });
}

function undone(
  decision: Exclude<Decision, { verdict: "matched" }>,
  subject: Subject,
  rules: readonly AutomationRule[],
): Pick<BacktestRow, "outcome" | "reason"> {
  return decision.verdict === "none"
    ? { outcome: "nothing", reason: whyUnmatched(subject, rules) }
    : { outcome: "unknown", reason: whyUndecided(decision) };
}

/** The machines that make a difference to what would have been done. */
export function machinesThatCount({ alerts, rules, now }: Pick<Backtest, "alerts" | "rules" | "now">) {
  const counts = (alert: AlertFacts) => decide({ alert, now: publishedAt(alert) ?? now }, rules).verdict !== "none";
  return alerts.filter(counts).flatMap(({ machineIds }) => machineIds);
}

const publishedAt = ({ publishedAt }: AlertFacts): Date | undefined =>
  publishedAt === undefined ? undefined : instantOf(publishedAt);

/** An alert on a machine about which two versions of the rules differ. */
export interface Difference {
  alertId: string;
  title?: string | undefined;
  machineId?: string | undefined;
  now: BacktestRow[];
  against: BacktestRow[];
}

/** Where two versions of the rules would have done different things. The name of the rule makes no difference. */
export function differences(now: readonly BacktestRow[], against: readonly BacktestRow[]): Difference[] {
  const keyOf = ({ tenantId, alertId, machineId }: BacktestRow) => JSON.stringify([tenantId, alertId, machineId]);
  const others = Map.groupBy(against, keyOf);
  return [...Map.groupBy(now, keyOf)].flatMap(([key, rows]) => {
    const other = others.get(key) ?? [];
    const [{ alertId, title, machineId }] = rows as [BacktestRow];
    return whatIsDone(rows) === whatIsDone(other) ? [] : [{ alertId, title, machineId, now: rows, against: other }];
  });
}

const whatIsDone = (rows: readonly BacktestRow[]): string =>
  rows
    .map(({ outcome, playbook, mode, policy }) => JSON.stringify([outcome, playbook, mode, policy?.verdict]))
    .sort()
    .join();

/** How often what would have been done. */
export interface Totals {
  alerts: number;
  machines: number;
  byOutcome: Partial<Record<BacktestRow["outcome"], number>>;
  byRule: { rule: string; starts: number; machines: number; cooling: number; refused: number }[];
}

export function totalsOf(rows: readonly BacktestRow[]): Totals {
  const distinct = (values: readonly (string | undefined)[]) => new Set(values.filter(Boolean)).size;
  const ofRule = rows.filter(({ rule }) => rule !== undefined);
  return {
    alerts: distinct(rows.map(({ tenantId, alertId }) => `${tenantId}:${alertId}`)),
    machines: distinct(rows.map(({ machineId }) => machineId)),
    byOutcome: Object.fromEntries(
      [...Map.groupBy(rows, ({ outcome }) => outcome)].map(([name, all]) => [name, all.length]),
    ),
    byRule: [...Map.groupBy(ofRule, ({ rule = "" }) => rule)].map(([rule, all]) => {
      const started = all.filter(({ outcome }) => outcome === "starts");
      return {
        rule,
        starts: started.length,
        machines: distinct(started.map(({ machineId }) => machineId)),
        cooling: all.filter(({ outcome }) => outcome === "cooling").length,
        refused: started.filter(({ policy }) => policy?.verdict === "deny").length,
      };
    }),
  };
}
