import { accessRules } from "./access-rules.ts";
import { appRules } from "./app-rules.ts";
import { dataRules } from "./data-rules.ts";
import { networkRule } from "./network-rules.ts";
import type { Resource, Rule } from "./resources.ts";
import { watchRules } from "./watch-rules.ts";
import { zoneRules } from "./zone-rules.ts";

/** A deployment that is checked: a parameter file of that name, and the snapshot of what it makes. */
export const DEPLOYMENTS = ["dev", "prod", "storage-backend"] as const;
export type Deployment = (typeof DEPLOYMENTS)[number];

/** What is wrong with the resources of a deployment; nothing where all rules are kept. */
export function problemsOf(
  deployment: Deployment,
  resources: readonly Resource[],
  roleIds: readonly string[],
): string[] {
  const rules: Rule[] = [
    ...dataRules,
    ...appRules,
    ...accessRules(roleIds),
    networkRule,
    ...watchRules,
    ...(deployment === "prod" ? zoneRules : []),
  ];
  return rules.flatMap((rule) => rule(resources));
}
