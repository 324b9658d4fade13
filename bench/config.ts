import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes the project's own configuration to a folder, without the caps: what is measured is not the policy. */
export function writeBenchConfig(folder: string): string {
  const target = join(folder, "config");
  cpSync(join(import.meta.dirname, "../config"), target, { recursive: true });
  writeFileSync(join(target, "policy.yaml"), "caps: { machinesPerHour: 1000000 }\n");
  return target;
}
