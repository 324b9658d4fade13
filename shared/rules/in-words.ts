import type { AutomationRule } from "./automation-rule.ts";
import { type Decision, explain, type Fact, type Subject } from "./decide.ts";

const MOST_RULES = 3;

/** Why nothing is done about an alert that no rule matches: what the first rules say of it. */
export function whyUnmatched(subject: Subject, rules: readonly AutomationRule[]): string {
  const judged = explain(subject, rules).filter(({ verdict }) => verdict === "no-match");
  if (judged.length === 0) return "no automation rule is on";
  const shown = judged.slice(0, MOST_RULES).map(({ rule, why }) => `${rule} (${why.join("; ")})`);
  const more = judged.length > MOST_RULES ? [`${judged.length - MOST_RULES} more`] : [];
  return `no automation rule matches: ${[...shown, ...more].join(", ")}`;
}

/** What has to be known before rules can decide. */
export const whyUndecided = ({ rule, needs }: Extract<Decision, { verdict: "unknown" }>): string =>
  `${needs.map((fact) => MISSING[fact]).join(" and ")}, which rule "${rule}" looks at`;

const MISSING: Record<Fact, string> = {
  severity: "its severity is not known",
  title: "its title is not known",
  category: "its category is not known",
  serviceSource: "its product is not known",
  detectionSource: "its detection source is not known",
  machine: "the machine has not been read",
};
