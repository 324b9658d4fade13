import { describe, expect, test } from "vitest";
import { backtest, differences, machinesThatCount, totalsOf } from "../../../local/rules/backtest.ts";
import { AlertFacts } from "../../../shared/intake/alert-facts.ts";
import { Policy } from "../../../shared/policy/policy.ts";
import { AutomationRule } from "../../../shared/rules/automation-rule.ts";
import { aMachine, MACHINE_ID } from "../../helpers/builders.ts";

const OTHER_ID = "ab".repeat(20);
const NOW = new Date("2026-02-01T00:00:00Z");

const anAlert = (alertId: string, publishedAt: string | undefined, changes: object = {}) =>
  AlertFacts.parse({ tenantId: "t-1", alertId, severity: "High", machineIds: [MACHINE_ID], publishedAt, ...changes });
const aRule = (changes: object = {}) =>
  AutomationRule.parse({ name: "high", when: { severity: "High" }, playbook: "contain-device", ...changes });

const machines = new Map([
  [MACHINE_ID, aMachine()],
  [OTHER_ID, aMachine({ id: OTHER_ID, machineTags: ["critical-asset"], osPlatform: "WindowsServer2022" })],
]);
const setting = { machines, policy: Policy.parse({}), now: NOW };
const outcomesOf = (alerts: AlertFacts[], rules: AutomationRule[], changes: object = {}) =>
  backtest({ ...setting, alerts, rules, ...changes }).map(({ alertId, machineId, outcome, rule }) => {
    return [alertId, machineId, outcome, rule];
  });

test("tells what would have been done, in the order in which alerts came", () => {
  const alerts = [
    anAlert("a3", undefined),
    anAlert("a2", "2026-01-05T10:00:00Z", { machineIds: [MACHINE_ID, OTHER_ID] }),
    anAlert("a1", "2026-01-05T09:00:00Z", { severity: "Low" }),
    anAlert("a0", "2026-01-05T08:00:00Z", { machineIds: [] }),
  ];

  expect(outcomesOf(alerts, [aRule()])).toEqual([
    ["a0", undefined, "no-machine", "high"],
    ["a1", MACHINE_ID, "nothing", undefined],
    ["a2", MACHINE_ID, "starts", "high"],
    ["a2", OTHER_ID, "starts", "high"],
    ["a3", MACHINE_ID, "starts", "high"],
  ]);
});

test("holds rules against alerts as of the time they were published", () => {
  const rules = [
    aRule({ name: "night", when: { timeOfDay: { from: "22:00", to: "06:00" } } }),
    aRule({ name: "january", expires: "2026-01-05" }),
  ];

  expect(
    outcomesOf(
      [
        anAlert("a1", "2026-01-05T12:00:00Z"),
        anAlert("a2", "2026-01-05T23:00:00Z"),
        anAlert("a3", "2026-01-06T12:00:00Z"),
      ],
      rules,
    ).map(([, , outcome, rule]) => rule ?? outcome),
  ).toEqual(["january", "night", "nothing"]);
});

test("starts nothing new of a rule on a machine while it cools down", () => {
  const alerts = ["09:00", "10:59", "11:00", "12:59"].map((clock, index) =>
    anAlert(`a${index}`, `2026-01-05T${clock}:00Z`),
  );
  const elsewhere = anAlert("b", "2026-01-05T09:30:00Z", { machineIds: [OTHER_ID] });

  expect(
    outcomesOf([...alerts, elsewhere], [aRule({ coolDown: "2h" })]).map(([id, , outcome]) => [id, outcome]),
  ).toEqual([
    ["a0", "starts"],
    ["b", "starts"],
    ["a1", "cooling"],
    ["a2", "starts"],
    ["a3", "cooling"],
  ]);
});

test("says that a machine would have to be known, and which machines count", () => {
  const alerts = [
    anAlert("a1", "2026-01-05T09:00:00Z"),
    anAlert("a2", "2026-01-05T10:00:00Z", { severity: "Low", machineIds: [OTHER_ID] }),
  ];
  const rules = [aRule({ when: { severity: "High", os: "WindowsServer*" } })];

  expect(outcomesOf(alerts, rules, { machines: new Map() }).map(([, , outcome]) => outcome)).toEqual([
    "unknown",
    "nothing",
  ]);
  expect(machinesThatCount({ alerts, rules, now: NOW })).toEqual([MACHINE_ID]);
});

describe("the policy", () => {
  const wordsOf = (policy: object, rule: object = {}) =>
    backtest({
      ...setting,
      policy: Policy.parse(policy),
      rules: [aRule(rule)],
      alerts: [
        anAlert("a1", "2026-01-05T09:00:00Z", { machineIds: [OTHER_ID] }),
        anAlert("a2", "2026-01-05T09:10:00Z"),
        anAlert("a3", "2026-01-05T10:20:00Z", { machineIds: [OTHER_ID] }),
      ],
    }).map(({ policy }) => policy?.verdict);

  test("refuses what it protects", () => {
    expect(wordsOf({ criticalAssets: { tags: ["critical-asset"] } })).toEqual(["deny", "allow", "deny"]);
    const mild = { criticalAssets: { tags: ["critical-asset"], containment: "selectiveOnly" } };
    expect(wordsOf(mild, { with: { isolationType: "Selective" } })).toEqual(["allow", "allow", "allow"]);
  });

  test("refuses more machines within an hour than its caps let", () => {
    expect(wordsOf({ caps: { machinesPerHour: 1 } })).toEqual(["allow", "deny", "allow"]);
  });

  test("has a shadow rule only pretend", () => {
    expect(wordsOf({}, { mode: "shadow" })).toEqual(["shadow", "shadow", "shadow"]);
  });
});

test("counts what each rule would have done", () => {
  const alerts = ["a1", "a2"].map((id, hour) => anAlert(id, `2026-01-05T1${hour}:00:00Z`));
  const rows = backtest({
    ...setting,
    policy: Policy.parse({ criticalAssets: { tags: ["critical-asset"] } }),
    alerts: [
      ...alerts,
      anAlert("a3", "2026-01-05T13:00:00Z", { machineIds: [OTHER_ID] }),
      anAlert("a4", undefined, { severity: "Low" }),
    ],
    rules: [aRule({ coolDown: "2h" })],
  });

  expect(totalsOf(rows)).toEqual({
    alerts: 4,
    machines: 2,
    byOutcome: { starts: 2, cooling: 1, nothing: 1 },
    byRule: [{ rule: "high", starts: 2, machines: 2, cooling: 1, refused: 1 }],
  });
});

test("shows where two versions of the rules differ, and nothing where only the name of a rule does", () => {
  const alerts = [anAlert("a1", "2026-01-05T09:00:00Z"), anAlert("a2", "2026-01-05T10:00:00Z", { severity: "Medium" })];
  const rowsOf = (...rules: AutomationRule[]) => backtest({ ...setting, alerts, rules });
  const now = rowsOf(aRule());

  expect(differences(now, rowsOf(aRule({ name: "renamed" })))).toEqual([]);
  expect(differences(now, rowsOf(aRule({ when: { severity: ["Medium", "High"] } })))).toMatchObject([
    { alertId: "a2", now: [{ outcome: "nothing" }], against: [{ outcome: "starts" }] },
  ]);
  expect(differences(now, rowsOf(aRule({ mode: "ask" }))).map(({ alertId }) => alertId)).toEqual(["a1"]);
});
