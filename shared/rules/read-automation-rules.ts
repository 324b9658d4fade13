import { join } from "node:path";
import { z } from "zod";
import { SettingsError } from "../config.ts";
import { readConfigFile } from "../config-file.ts";
import type { Playbook } from "../playbook.ts";
import { type AutomationRule, AutomationRules } from "./automation-rule.ts";

const FILE = "automation-rules.yaml";

/**
 * Reads the automation rules and checks that each names a playbook and gives it parameters it takes: a mistake shows at
 * start, not when the first alert comes.
 *
 * @throws SettingsError naming every rule that cannot work
 */
export function readAutomationRules(folder: string, playbooks: ReadonlyMap<string, Playbook>): AutomationRule[] {
  const { rules } = readConfigFile(folder, FILE, AutomationRules);
  const problems = rules.flatMap((rule) =>
    problemsOf(rule, playbooks).map((problem) => `rule "${rule.name}": ${problem}`),
  );
  if (problems.length > 0) throw new SettingsError(`${join(folder, FILE)}: ${problems.join("\n")}`);
  return rules;
}

/** An alert and machine of no importance, to try the rule's own parameters with. */
const EXAMPLE = { tenantId: "t", alertId: "a", machineId: "0".repeat(40), severity: "High" };

function problemsOf(rule: AutomationRule, playbooks: ReadonlyMap<string, Playbook>): string[] {
  const playbook = playbooks.get(rule.playbook);
  if (!playbook) return [`there is no playbook "${rule.playbook}"; there are ${[...playbooks.keys()].join(", ")}`];

  const known = playbook.input instanceof z.ZodObject ? Object.keys(playbook.input.shape) : Object.keys(rule.with);
  const unknown = Object.keys(rule.with).filter((name) => !known.includes(name));
  const { error } = playbook.input.safeParse({ ...rule.with, ...EXAMPLE });
  return [
    ...unknown.map((name) => `${rule.playbook} has no parameter "${name}"; it has ${known.join(", ")}`),
    ...(error ? [z.prettifyError(error)] : []),
  ];
}
