import { join } from "node:path";
import { SettingsError } from "../config.ts";
import { readConfigFile } from "../config-file.ts";
import { Policy } from "./policy.ts";

export const POLICY_FILE = "policy.yaml";

/**
 * Reads the policy and checks that its rules name activities there are: one of a misspelt name would protect nothing.
 *
 * @throws SettingsError naming every rule that cannot work
 */
export function readPolicy(folder: string, activities: readonly { name: string }[]): Policy {
  const policy = readConfigFile(folder, POLICY_FILE, Policy);
  const known = new Set(activities.map(({ name }) => name));
  const unknown = policy.rules.flatMap(({ activity }) => (activity && !known.has(activity) ? [activity] : []));
  if (unknown.length === 0) return policy;
  const problems = unknown.map((name) => `a rule is about "${name}", which is no activity`);
  throw new SettingsError(`${join(folder, POLICY_FILE)}: ${problems.join("; ")}`);
}
