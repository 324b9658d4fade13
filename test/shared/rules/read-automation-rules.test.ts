import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { containDevice } from "../../../functions/playbooks/contain-device.ts";
import { configFolderOf } from "../../../shared/config-file.ts";
import { liveAutomationRules, readAutomationRules } from "../../../shared/rules/read-automation-rules.ts";

const folder = mkdtempSync(join(tmpdir(), "rules-"));
afterAll(() => rmSync(folder, { recursive: true }));

const playbooks = new Map([[containDevice.name, containDevice]]);

function read(...lines: string[]) {
  const file = join(folder, "automation-rules.yaml");
  writeFileSync(file, lines.join("\n"));
  return readAutomationRules(file, playbooks);
}

/** The problems without the name of the file, one each. */
function problemsOf(...lines: string[]): string[] {
  try {
    read(...lines);
  } catch (error) {
    const { message } = error as Error;
    return message.split("\n").map((line) => line.replace(/^.*automation-rules\.yaml:/, ""));
  }
  return [];
}

test("the rules that come with the app can be used", () => {
  const file = join(configFolderOf(import.meta.dirname), "automation-rules.yaml");

  expect(readAutomationRules(file, playbooks).length).toBeGreaterThan(0);
});

test("what is left out has its usual value", () => {
  expect(read("rules:", "  - name: high", "    when: {severity: High}", "    playbook: contain-device")).toEqual([
    {
      name: "high",
      enabled: true,
      when: { severity: ["High"] },
      playbook: "contain-device",
      with: {},
      mode: "act",
      // biome-ignore lint/suspicious/noThenProperty: it is what the file says
      then: "stop",
    },
  ]);
});

test("every problem is named, each at its place", () => {
  const problems = problemsOf(
    "rules:",
    "  - name: one",
    "    when:",
    "      severity: [High, Hihg]",
    "      titel: x",
    "    playbook: contain-device",
    "  - name: two",
    "    when:",
    "      any:",
    "        - technique: T1059",
    "        - technique: PowerShell",
    "    playbook: contain-devise",
    "    coolDown: 4 hours",
    "  - name: three",
    "    when: {severity: High}",
    "    playbook: contain-device",
    "    with:",
    "      isolationType: Halb",
    "      isolation: Full",
    "  - name: four",
    "    when: {severity: High}",
    "    playbook: contain-devise",
    "  - when: {}",
    "    playbook: contain-device",
  );

  expect(problems).toEqual([
    expect.stringMatching(/^4:24: rules\.0\.when\.severity\.1: .*"Informational"\|"Low"\|"Medium"\|"High"$/),
    "5:7: rules.0.when.titel: there is no such key",
    "11:11: rules.1.when.any.1.technique: a technique has the form T1059 or T1059.001",
    '12:5: rules.1.playbook: rule "two": there is no playbook "contain-devise"; there are contain-device',
    "13:5: rules.1.coolDown: a length of time has the form 90s, 30m, 4h or 1d",
    expect.stringMatching(/^18:7: rules\.2\.with\.isolationType: rule "three": .*"Full"\|"Selective"$/),
    expect.stringMatching(
      /^19:7: rules\.2\.with\.isolation: rule "three": contain-device has no parameter "isolation"/,
    ),
    '22:5: rules.3.playbook: rule "four": there is no playbook "contain-devise"; there are contain-device',
    "23:5: rules.4.name: is missing",
    "23:5: rules.4.when: an empty condition would fit every alert; say what it looks at",
  ]);
});

test("two rules of one name are named at the second", () => {
  const rule = ["    when: {severity: High}", "    playbook: contain-device"];

  expect(problemsOf("rules:", "  - name: same", ...rule, "  - name: same", ...rule)).toEqual([
    '5:5: rules.1.name: another rule is named "same" too',
  ]);
});

test("a file that is no YAML is named with its places", () => {
  expect(problemsOf("rules:", "  - name: [a", "    when: b")).toEqual(
    expect.arrayContaining([expect.stringMatching(/^\d:\d+: \S/)]),
  );
});

test("rules that are changed while the app runs count from then on, and broken ones leave the last good ones in force", () => {
  vi.useFakeTimers({ now: 0, toFake: ["Date"] });
  const problems: string[] = [];
  const write = (severity: string) =>
    read("rules:", `  - {name: r, when: {severity: ${severity}}, playbook: contain-device}`);
  write("High");
  const rules = liveAutomationRules(folder, playbooks, ({ message }) => problems.push(message));
  const later = () => {
    vi.setSystemTime(Date.now() + 10_000);
    return rules()[0]?.when.severity;
  };

  expect(later()).toEqual(["High"]);
  write("Medium");
  expect(later()).toEqual(["Medium"]);
  expect(() => write("Extreme")).toThrow();
  expect([later(), later()]).toEqual([["Medium"], ["Medium"]]);
  expect(problems).toEqual([expect.stringMatching(/automation-rules\.yaml:2:\d+: rules\.0\.when\.severity: /)]);
  write("Low");
  expect(later()).toEqual(["Low"]);
  vi.useRealTimers();
});
