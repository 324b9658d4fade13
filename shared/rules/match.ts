import { knownSeverity } from "../severity.ts";
import type { AutomationRule } from "./automation-rule.ts";

/** The first enabled rule that an alert of this severity matches, if any. Severities differ in case between surfaces. */
export function matchAutomationRule(
  alert: { severity: string },
  rules: readonly AutomationRule[],
): AutomationRule | undefined {
  const severity = knownSeverity(alert.severity);
  return rules.find((rule) => rule.enabled && severity !== undefined && rule.when.severity.includes(severity));
}
