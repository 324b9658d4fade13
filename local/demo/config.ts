import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** Three seconds are enough to say that a device is offline, and nobody waits ten minutes for a demo to end. */
const DEMO_PARAMETERS = { queuedAfterSeconds: 3, joinMinutes: 0 };

/** Writes the project's own rules and policy to a folder, with the waits of people shortened to those of a demo. */
export function writeDemoConfig(folder: string): string {
  const own = join(import.meta.dirname, "../../config");
  const target = join(folder, "config");
  mkdirSync(target, { recursive: true });
  copyFileSync(join(own, "policy.yaml"), join(target, "policy.yaml"));

  const file = "automation-rules.yaml";
  const { rules } = parse(readFileSync(join(own, file), "utf8")) as { rules: { with?: object }[] };
  const hurried = rules.map((rule) => ({ ...rule, with: { ...rule.with, ...DEMO_PARAMETERS } }));
  writeFileSync(join(target, file), stringify({ rules: hurried }));
  return target;
}
