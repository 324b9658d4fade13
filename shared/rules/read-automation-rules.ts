import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { readConfigFile } from "../config-file.ts";
import { liveFile } from "../live-file.ts";
import type { Playbook } from "../playbook.ts";
import { AutomationRule, rulesOf } from "./automation-rule.ts";

type Playbooks = ReadonlyMap<string, Playbook>;

/** The file in the configuration folder. */
export const RULES_FILE = "automation-rules.yaml";

/**
 * Reads the automation rules and checks that each names a playbook and gives it parameters it takes: a mistake shows at
 * start, not when the first alert comes.
 *
 * @throws SettingsError naming every problem with file, line and column; a broken file is refused whole
 */
export function readAutomationRules(file: string, playbooks: Playbooks): AutomationRule[] {
  const Rule = AutomationRule.superRefine((rule, context) => {
    for (const { path, message } of problemsOf(rule, playbooks)) {
      context.addIssue({ code: "custom", path, message: `rule "${rule.name}": ${message}` });
    }
  });
  return readConfigFile(dirname(file), basename(file), z.strictObject({ rules: rulesOf(Rule) })).rules;
}

/**
 * The automation rules of the configuration folder as they stand at each call: people change them while the app runs. While
 * the file is broken, the last good rules stay in force.
 *
 * @param onProblem told once of each problem
 * @throws SettingsError when they cannot be used at the start
 */
export function liveAutomationRules(
  folder: string,
  playbooks: Playbooks,
  onProblem: (problem: Error) => void,
): () => readonly AutomationRule[] {
  const path = join(folder, RULES_FILE);
  return liveFile(() => readAutomationRules(path, playbooks), { path, onProblem });
}

/** An alert and machine of no importance, to try the rule's own parameters with. */
const EXAMPLE = { tenantId: "t", alertId: "a", machineId: "0".repeat(40), severity: "High" };

interface Problem {
  path: PropertyKey[];
  message: string;
}

function problemsOf(rule: AutomationRule, playbooks: Playbooks): Problem[] {
  const playbook = playbooks.get(rule.playbook);
  if (!playbook) {
    const known = [...playbooks.keys()].join(", ");
    return [{ path: ["playbook"], message: `there is no playbook "${rule.playbook}"; there are ${known}` }];
  }
  const known = playbook.input instanceof z.ZodObject ? Object.keys(playbook.input.shape) : Object.keys(rule.with);
  const unknown = Object.keys(rule.with).filter((name) => !known.includes(name));
  const { error } = playbook.input.safeParse({ ...rule.with, ...EXAMPLE });
  return [
    ...unknown.map((name) => ({
      path: ["with", name],
      message: `${rule.playbook} has no parameter "${name}"; it has ${known.join(", ")}`,
    })),
    ...(error?.issues ?? []).map(({ path, message }) => ({ path: ["with", ...path], message })),
  ];
}
