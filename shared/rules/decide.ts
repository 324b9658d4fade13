import type { Mode } from "../mode.ts";
import { type AutomationRule, endOf, millisecondsOf } from "./automation-rule.ts";
import { evaluate } from "./evaluate.ts";
import type { Fact, Subject } from "./look.ts";

export type { Fact, RuledMachine, Subject } from "./look.ts";

/** What a rule wants done. */
export interface RuleAction {
  rule: string;
  playbook: string;
  with: Record<string, unknown>;
  mode: Mode;
  /** For so long after a run of this rule nothing new starts on the machine. */
  coolDownMs?: number;
}

/** What rules say of an alert: what to do, nothing, or that something has to be known first. */
export type Decision =
  | { verdict: "matched"; actions: RuleAction[] }
  | { verdict: "none" }
  | {
      verdict: "unknown";
      /** The rule that cannot be judged. */
      rule: string;
      needs: Fact[];
      /** What earlier rules say that match, whatever becomes of this one. */
      actions: RuleAction[];
    };

/**
 * Decides what is done about an alert: what the first rule says that matches it, and where that says `continue`, what the
 * next ones say. A rule that cannot be judged yet leaves all open: a later one must not take its place.
 *
 * Pure: the same alert, machine, time and rules give the same decision.
 */
export function decide(subject: Subject, rules: readonly AutomationRule[]): Decision {
  const actions: RuleAction[] = [];
  for (const rule of rules.filter((rule) => !whyOff(rule, subject.now))) {
    const { holds, needs } = evaluate(rule.when, subject);
    if (holds === undefined) return { verdict: "unknown", rule: rule.name, needs, actions };
    if (holds) actions.push(actionOf(rule));
    if (holds && rule.then === "stop") break;
  }
  return actions.length > 0 ? { verdict: "matched", actions } : { verdict: "none" };
}

function actionOf({ name, playbook, with: parameters, mode, coolDown }: AutomationRule): RuleAction {
  return {
    ...{ rule: name, playbook, with: parameters, mode },
    ...(coolDown !== undefined && { coolDownMs: millisecondsOf(coolDown) }),
  };
}

/** How one rule stands to an alert. */
export interface Explanation {
  rule: string;
  /** `not-reached`: it would match, but an earlier rule has the last word, or cannot be judged yet. */
  verdict: "matched" | "no-match" | "unknown" | "not-reached" | "off";
  /** What decided it, in words. */
  why: string[];
}

/** Says of every rule whether it matches an alert, and why not. */
export function explain(subject: Subject, rules: readonly AutomationRule[]): Explanation[] {
  let last: string | undefined;
  return rules.map((rule) => {
    const off = whyOff(rule, subject.now);
    if (off) return { rule: rule.name, verdict: "off", why: [off] };
    const { holds, why } = evaluate(rule.when, subject);
    if (holds === false) return { rule: rule.name, verdict: "no-match", why };
    if (last !== undefined) return { rule: rule.name, verdict: "not-reached", why: [last] };
    if (holds === undefined) last = `rule "${rule.name}" cannot be judged yet`;
    else if (rule.then === "stop") last = `rule "${rule.name}" matches and is the last to be looked at`;
    return { rule: rule.name, verdict: holds ? "matched" : "unknown", why };
  });
}

function whyOff(rule: AutomationRule, now: Date): string | undefined {
  if (!rule.enabled) return "it is not enabled";
  const end = endOf(rule);
  return end && now >= end ? `it expired: ${rule.expires}` : undefined;
}
