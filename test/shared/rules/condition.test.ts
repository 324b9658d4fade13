import { describe, expect, test } from "vitest";
import { AlertFacts } from "../../../shared/intake/alert-facts.ts";
import { Condition } from "../../../shared/rules/condition.ts";
import { evaluate } from "../../../shared/rules/evaluate.ts";
import type { RuledMachine } from "../../../shared/rules/look.ts";
import { ALERT_ID, aMachine, MACHINE_ID } from "../../helpers/builders.ts";

const NOW = new Date("2026-01-05T12:00:00Z");

const ransomware = {
  tenantId: "0a0b-tenant",
  alertId: ALERT_ID,
  title: "Ransomware behavior detected in the file system",
  severity: "High",
  categories: ["Ransomware", "LateralMovement"],
  serviceSource: "Microsoft Defender for Endpoint",
  detectionSource: "Custom detection",
  techniques: ["T1059.001", "T1486"],
  users: ["alice@contoso.example", "CONTOSO\\svc-backup"],
  machineIds: [MACHINE_ID],
};
const machine = aMachine({
  osPlatform: "WindowsServer2022",
  deviceValue: "High",
  machineTags: ["finance", "PCI zone"],
  rbacGroupName: "Servers EMEA",
});

const holds = (when: object, changes: object = {}, on: RuledMachine | undefined = machine) =>
  evaluate(Condition.parse(when), { alert: AlertFacts.parse({ ...ransomware, ...changes }), machine: on, now: NOW })
    .holds;

describe("looks at", () => {
  const cases: [object, boolean][] = [
    [{ severity: "High" }, true],
    [{ severity: ["Low", "Medium"] }, false],
    [{ title: "Ransomware*" }, true],
    [{ title: "*FILE system" }, true],
    [{ title: "Ransomware" }, false],
    [{ title: { contains: ["phishing", "behavior DETECTED"] } }, true],
    [{ title: { contains: "b*r" } }, false],
    [{ title: { equals: "ransomware behavior detected in the file system" } }, true],
    [{ title: { equals: "ransomware behavior*" } }, false],
    [{ title: { contains: "ransomware", equals: "other" } }, false],
    [{ category: "lateral movement" }, true],
    [{ category: "Discovery" }, false],
    [{ technique: "T1059" }, true],
    [{ technique: "t1059.001" }, true],
    [{ technique: "T1059.002" }, false],
    [{ technique: "T1486" }, true],
    [{ technique: ["T1566", "T1486"] }, true],
    [{ serviceSource: "microsoftdefenderforendpoint" }, true],
    [{ serviceSource: "Microsoft Defender for *" }, true],
    [{ serviceSource: "Microsoft Defender for Identity" }, false],
    [{ detectionSource: "CUSTOMDETECTION" }, true],
    [{ detectionSource: "EDR" }, false],
    [{ user: "ALICE@contoso.example" }, true],
    [{ user: "contoso\\svc-*" }, true],
    [{ user: "alice" }, false],
    [{ tenant: "0A0B-tenant" }, true],
    [{ tenant: "another" }, false],
    [{ deviceGroup: "servers *" }, true],
    [{ deviceGroup: "Servers" }, false],
    [{ tag: ["pci zone", "dmz"] }, true],
    [{ tag: "pci" }, false],
    [{ deviceValue: "High" }, true],
    [{ deviceValue: ["Low", "Normal"] }, false],
    [{ os: "WindowsServer*" }, true],
    [{ os: "Windows11" }, false],
    [{ timeOfDay: { from: "08:00", to: "18:00" } }, true],
    [{ timeOfDay: [{ to: "06:00" }, { from: "22:00" }] }, false],
    [{ severity: "High", os: "Windows11" }, false],
    [{ severity: "High", os: "WindowsServer*", technique: "T1486" }, true],
    [{ any: [{ severity: "Low" }, { tag: "finance" }] }, true],
    [{ all: [{ severity: "High" }, { tag: "dmz" }] }, false],
    [{ not: { tag: "dmz" } }, true],
    [{ not: { any: [{ severity: "High" }, { tag: "dmz" }] } }, false],
  ];

  test.each(cases)("%j: %s", (when, expected) => {
    expect(holds(when)).toBe(expected);
  });
});

test("severities of other surfaces are the same severities", () => {
  expect(holds({ severity: "High" }, { severity: "high" })).toBe(true);
});

test("sources have the names of any surface", () => {
  expect(holds({ detectionSource: "WindowsDefenderAtp" }, { detectionSource: "EDR" })).toBe(true);
  expect(
    holds({ serviceSource: "microsoftDefenderForCloudApps" }, { serviceSource: "Microsoft Cloud App Security" }),
  ).toBe(true);
});

describe("what is not known is neither fitting nor unfitting", () => {
  test.each([
    [{ severity: "High" }, { severity: undefined }],
    [{ title: "*" }, { title: undefined }],
    [{ category: "Malware" }, { categories: [] }],
    [{ serviceSource: "*" }, { serviceSource: undefined }],
    [{ detectionSource: "EDR" }, { detectionSource: undefined }],
    [{ not: { severity: "High" } }, { severity: undefined }],
    [{ any: [{ severity: "High" }, { technique: "T1566" }] }, { severity: undefined }],
  ])("%j of %j", (when, unknown) => {
    expect(holds(when, unknown)).toBeUndefined();
  });

  test.each([{ deviceGroup: "*" }, { tag: "x" }, { deviceValue: "Low" }, { os: "*" }, { not: { tag: "x" } }])(
    "%j before the machine is read",
    (when) => {
      const alert = AlertFacts.parse(ransomware);
      expect(evaluate(Condition.parse(when), { alert, now: NOW })).toMatchObject({
        holds: undefined,
        needs: ["machine"],
      });
    },
  );

  test("but what it cannot change is decided", () => {
    expect(holds({ severity: "High", technique: "T1566" }, { severity: undefined })).toBe(false);
    expect(holds({ any: [{ severity: "High" }, { technique: "T1486" }] }, { severity: undefined })).toBe(true);
  });

  test("an alert without techniques or users has none, and a machine without a group is in none", () => {
    expect(holds({ technique: "T1486" }, { techniques: [] })).toBe(false);
    expect(holds({ user: "*" }, { users: [] })).toBe(false);
    expect(holds({ deviceGroup: "*" }, {}, aMachine({ rbacGroupName: null }))).toBe(false);
    expect(holds({ tag: "*" }, {}, aMachine({ machineTags: null }))).toBe(false);
  });
});

test.each([
  [{}],
  [{ not: {} }],
  [{ any: [] }],
  [{ severity: [] }],
  [{ severity: "Critical" }],
  [{ technique: "PowerShell" }],
  [{ title: {} }],
  [{ title: "" }],
  [{ titel: "x" }],
  [{ deviceValue: "Huge" }],
  [{ timeOfDay: { from: "8:00" } }],
  [{ timeOfDay: { from: "24:01" } }],
  [{ timeOfDay: { from: "08:00", to: "08:00" } }],
  [{ timeOfDay: { timeZone: "Europe/Berln" } }],
])("refuses the condition %j", (when) => {
  expect(Condition.safeParse(when).success).toBe(false);
});
