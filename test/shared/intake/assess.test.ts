import { expect, test } from "vitest";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { AlertFacts, mergeFacts } from "../../../shared/intake/alert-facts.ts";
import { assess, tooOld } from "../../../shared/intake/assess.ts";
import { AutomationRule } from "../../../shared/rules/automation-rule.ts";
import { ALERT_ID, MACHINE_ID } from "../../helpers/builders.ts";

const rules = [
  AutomationRule.parse({ name: "off", enabled: false, when: { severity: ["Low"] }, playbook: "contain-device" }),
  AutomationRule.parse({
    name: "high",
    when: { severity: ["High"] },
    playbook: "contain-device",
    with: { isolationType: "Selective" },
  }),
];
const known = { rules, now: new Date("2026-01-05T09:00:00Z") };
const facts = (changes: object = {}): AlertFacts =>
  AlertFacts.parse({ tenantId: "t-1", alertId: ALERT_ID, severity: "High", machineIds: [MACHINE_ID], ...changes });

test("plans a run for each machine the alert hit, with the rule's parameters", () => {
  const other = "ab".repeat(20);
  const assessment = assess(facts({ machineIds: [MACHINE_ID, other], title: "Ransomware" }), known);

  expect(assessment).toMatchObject({
    verdict: "run",
    runs: [
      {
        playbook: "contain-device",
        machineId: MACHINE_ID,
        input: { alertId: ALERT_ID, alertTitle: "Ransomware", isolationType: "Selective" },
      },
      { machineId: other },
    ],
  });
});

test("gives the same alert on the same machine the same run id, and every other one another", () => {
  const idOf = (changes: object = {}) => {
    const assessment = assess(facts(changes), known);
    return assessment.verdict === "run" ? assessment.runs[0]?.runId : undefined;
  };

  expect(idOf({ title: "streamed again" })).toBe(idOf());
  expect(
    new Set([idOf(), idOf({ tenantId: "t-2" }), idOf({ alertId: "da1_2" }), idOf({ machineIds: ["cd".repeat(20)] })])
      .size,
  ).toBe(4);
});

test("parameters of a rule cannot replace the machine of the alert", () => {
  const hijack = AutomationRule.parse({ ...rules[1], with: { machineId: "ff".repeat(20) } });

  expect(assess(facts(), { ...known, rules: [hijack] })).toMatchObject({
    runs: [{ input: { machineId: MACHINE_ID } }],
  });
});

test("ignores an alert that no enabled rule is for, and says why", () => {
  expect(assess(facts({ severity: "Low" }), known)).toEqual({
    verdict: "ignored",
    reason: "no automation rule matches: high (severity is Low, not High)",
  });
});

test("wants a closer look while severity or machine are not known", () => {
  expect(assess(facts({ severity: undefined }), known).verdict).toBe("incomplete");
  expect(assess(facts({ machineIds: [] }), known).verdict).toBe("incomplete");
});

const tagged = AutomationRule.parse({
  name: "tagged",
  when: { severity: ["High"], tag: "vip" },
  playbook: "contain-device",
});

test("has a machine read that a rule depends on, and decides machine by machine", () => {
  const [first, second] = [MACHINE_ID, "ab".repeat(20)].map((id) => MachineId.parse(id)) as [MachineId, MachineId];
  const both = facts({ machineIds: [first, second] });
  const machines = new Map([
    [first, { id: first, machineTags: ["vip"] }],
    [second, { id: second, machineTags: [] }],
  ]);

  expect(assess(both, { ...known, rules: [tagged] })).toMatchObject({ verdict: "unread", machineIds: [first, second] });
  expect(assess(both, { ...known, rules: [tagged], machines })).toMatchObject({
    verdict: "run",
    runs: [{ machineId: first, rule: "tagged" }],
  });
});

test("starts nothing on a machine that cannot be read where a rule depends on it, and says so", () => {
  expect(assess(facts(), { ...known, rules: [tagged], isFinal: true })).toEqual({
    verdict: "ignored",
    reason: 'the machine has not been read, which rule "tagged" looks at',
  });
});

test("starts what an earlier rule says on a machine that cannot be read, though a later rule depends on it", () => {
  // biome-ignore lint/suspicious/noThenProperty: it is what the file says
  const high = AutomationRule.parse({ ...rules[1], then: "continue" });

  expect(assess(facts(), { ...known, rules: [high, tagged], isFinal: true })).toMatchObject({
    verdict: "run",
    runs: [{ machineId: MACHINE_ID, rule: "high" }],
  });
});

test("lets be what was published before the oldest time that is acted on", () => {
  const published = facts({ publishedAt: "2026-01-05T08:00:00Z" });

  expect(tooOld(published, new Date("2026-01-05T09:00:00Z"))).toContain("longer ago than is acted on");
  expect(tooOld(published, new Date("2026-01-05T07:00:00Z"))).toBeUndefined();
  expect(tooOld(published, undefined)).toBeUndefined();
  const withoutZone = facts({ publishedAt: "2026-01-05T08:00:00.0000000" });
  expect(tooOld(withoutZone, new Date("2026-01-05T07:59:59Z"))).toBeUndefined();
  expect(tooOld(facts({ publishedAt: "some time" }), new Date(0))).toBe("its age is not known");
});

test("merges what records say of one alert, in whatever order they come", () => {
  const info = facts({ machineIds: [], title: "Ransomware", publishedAt: "2026-01-05T08:00:01Z" });
  const machine = facts({ severity: undefined, publishedAt: "2026-01-05T08:00:00Z" });
  const merged = {
    ...facts({ namedMachineIds: [MACHINE_ID] }),
    title: "Ransomware",
    publishedAt: "2026-01-05T08:00:01Z",
  };

  expect(mergeFacts([info, machine])).toEqual([merged]);
  expect(mergeFacts([machine, info])).toEqual([merged]);
});
