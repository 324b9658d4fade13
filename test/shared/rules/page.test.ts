import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runbooks } from "../../../functions/playbooks/index.ts";
import { AutomationRule } from "../../../shared/rules/automation-rule.ts";
import { Condition } from "../../../shared/rules/condition.ts";
import { readAutomationRules } from "../../../shared/rules/read-automation-rules.ts";

const folder = mkdtempSync(join(tmpdir(), "rules-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(new URL("../../../docs/automation-rules.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? "");

describe("docs/automation-rules.md", () => {
  test("has examples", () => expect(examples.length).toBeGreaterThan(2));

  test.each(examples)("has an example that can be used: %s", (text) => {
    const file = join(folder, "example.yaml");
    writeFileSync(file, text);
    const playbooks = new Map(runbooks.map((playbook) => [playbook.name, playbook]));

    expect(readAutomationRules(file, playbooks).length).toBeGreaterThan(0);
  });

  test.each([...Object.keys(AutomationRule.shape), ...Object.keys(Condition.shape)])("tells of `%s`", (key) => {
    expect(page).toMatch(new RegExp(`^\\| .*\`${key}\``, "m"));
  });
});
