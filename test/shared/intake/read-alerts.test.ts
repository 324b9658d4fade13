import { expect, test } from "vitest";
import { AlertFacts } from "../../../shared/intake/alert-facts.ts";
import { readAlerts } from "../../../shared/intake/read-alerts.ts";
import { ALERT_ID, MACHINE_ID } from "../../helpers/builders.ts";

const record = (table: string, properties: object) => ({
  time: "2026-01-05T09:00:00.0000000Z",
  tenantId: "a839b112-1253-4432-9bf6-94542403f21c",
  category: `AdvancedHunting-${table}`,
  properties: { Timestamp: "2026-01-05T08:59:00.0000000Z", AlertId: ALERT_ID, ...properties },
});
const info = record("AlertInfo", { Title: "Ransomware", Category: "Impact", Severity: "High" });
const machine = record("AlertEvidence", { EntityType: "Machine", EvidenceRole: "Impacted", DeviceId: MACHINE_ID });
const message = (...records: unknown[]) => Buffer.from(JSON.stringify({ records }));

test("puts together what several messages say of one alert", () => {
  const { alerts } = readAlerts([message(machine), message(info)], { sources: ["a/0/1", "a/0/2"] });

  expect(alerts).toMatchObject([
    { alertId: ALERT_ID, title: "Ransomware", severity: "High", machineIds: [MACHINE_ID] },
  ]);
});

test("keeps a machine that is merely related to the alert apart from those it hit", () => {
  const related = { ...machine, properties: { ...machine.properties, EvidenceRole: "Related" } };

  expect(readAlerts([message(related)], { sources: ["a/0/1"] }).alerts).toMatchObject([
    { machineIds: [], relatedMachineIds: [MACHINE_ID] },
  ]);
});

test("names accounts by UPN, else by domain and account, else by account", () => {
  const user = (columns: object) => record("AlertEvidence", { EntityType: "User", ...columns });
  const jane = { AccountUpn: "jane@contoso.example", AccountDomain: "CONTOSO", AccountName: "jane" };
  const names = [
    user(jane),
    user({ ...jane, AccountUpn: null }),
    user({ AccountName: "root", AccountDomain: "" }),
    user({ AccountName: null, AccountDomain: "CONTOSO" }),
    user({ AccountName: "x".repeat(400) }),
  ];

  expect(readAlerts([message(...names)], { sources: ["a/0/1"] }).alerts).toMatchObject([
    { users: ["CONTOSO\\jane", "jane@contoso.example", "root"] },
  ]);
});

test("takes a machine whose row gives it no role for neither hit nor related", () => {
  const unsaid = { ...machine, properties: { ...machine.properties, EvidenceRole: null } };

  expect(readAlerts([message(unsaid)], { sources: ["a/0/1"] }).alerts).toMatchObject([
    { machineIds: [], relatedMachineIds: [] },
  ]);
});

test("spares a machine whose own row calls it related, though a process on it was hit, in any order", () => {
  const related = { ...machine, properties: { ...machine.properties, EvidenceRole: "Related" } };
  const AdditionalFields = JSON.stringify({ Host: { MachineId: MACHINE_ID, Role: 0 } });
  const process = record("AlertEvidence", { EntityType: "Process", AdditionalFields });
  const hitIn = (...records: object[]) => readAlerts([message(...records)], { sources: [] }).alerts[0]?.machineIds;

  expect([hitIn(related, process), hitIn(process, related)]).toEqual([[], []]);
  expect([hitIn(related, process, machine), hitIn(machine, related)]).toEqual([[MACHINE_ID], [MACHINE_ID]]);
});

test("rejects what cannot be read and keeps its neighbours", () => {
  const messages = [Buffer.from("\u0000not json"), message(info, { category: "AdvancedHunting-AlertInfo" }, machine)];
  const { alerts, rejected, counts } = readAlerts(messages, { sources: ["a/0/1", "a/0/2"] });

  expect(alerts).toHaveLength(1);
  expect(rejected).toMatchObject([
    { source: "a/0/1", reasons: ["The message is not JSON"], body: messages[0] },
    { source: "a/0/2", reasons: [expect.stringMatching(/^Record 1: /)], body: messages[1] },
  ]);
  expect(counts).toMatchObject({ messages: 2, alertRecords: 2 });
});

test("counts records of other tables and passes them by", () => {
  const tables = ["DeviceInfo", "DeviceEvents", "EmailEvents", "Tomorrow"];
  const { alerts, counts } = readAlerts([message(...tables.map((table) => record(table, {})))], { sources: ["a"] });

  expect(alerts).toEqual([]);
  const classes = { device: 2, email: 1, unknown: 1 };
  expect(counts).toEqual({ messages: 1, alertRecords: 0, passedBy: 3, unknown: 1, classes });
});

test("makes one dead letter of a message, however many of its records are at fault", () => {
  const { rejected } = readAlerts([message(...Array(3_000).fill({}))], { sources: ["a/0/1"] });

  expect(rejected).toHaveLength(1);
  expect(rejected[0]?.reasons).toHaveLength(21);
});

test("reads an alert about more machines than can be kept, and keeps as many as can", () => {
  const rows = Array.from({ length: 2_400 }, (_, index) => ({
    tenantId: machine.tenantId,
    category: machine.category,
    properties: {
      ...machine.properties,
      DeviceId: index.toString(16).padStart(40, "0"),
      EvidenceRole: index % 2 === 0 ? "Impacted" : "Related",
    },
  }));
  const { alerts, rejected } = readAlerts([message(...rows)], { sources: ["a/0/1"] });

  expect(rejected).toEqual([]);
  const [facts] = alerts;
  expect([facts?.machineIds.length, facts?.relatedMachineIds.length]).toEqual([500, 500]);
  expect(AlertFacts.parse(facts)).toEqual(facts);
  expect(readAlerts([message(...rows.reverse())], { sources: ["a/0/1"] }).alerts).toEqual(alerts);
});

test("keeps what is no message at all as a dead letter", () => {
  const circular: unknown[] = [];
  circular.push(circular);
  const messages = [undefined, null, 17, 1n, circular, { records: [1n] }];
  const { alerts, rejected } = readAlerts(messages, { sources: messages.map((_, index) => `a/0/${index}`) });

  expect(alerts).toEqual([]);
  expect(rejected.map(({ source, body }) => [source, typeof body])).toEqual(
    messages.map((_, index) => [`a/0/${index}`, "string"]),
  );
});
