import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Resource, Snapshot } from "./resources.ts";
import type { Deployment } from "./rules.ts";

const INFRA = join(import.meta.dirname, "..");

export const committedText = (file: string): string => readFileSync(join(INFRA, file), "utf8");

/** What a deployment makes, as committed. @throws Error where Bicep could not foretell all of it */
export function committedResources(deployment: Deployment): Resource[] {
  const { predictedResources, diagnostics } = Snapshot.parse(JSON.parse(committedText(`${deployment}.snapshot.json`)));
  if (diagnostics.length > 0) throw new Error(`${deployment}: parts of the snapshot are missing`);
  return predictedResources;
}

/** The roles that may be given, as `roles.bicep` lists them. */
export const committedRoleIds = (): string[] =>
  [...committedText("roles.bicep").matchAll(/: '([0-9a-f-]{36})'/g)].map(([, id = ""]) => id);
