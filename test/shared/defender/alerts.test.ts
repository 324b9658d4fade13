import { expect, test } from "vitest";
import { AlertId } from "../../../shared/defender/alerts/alert.ts";
import { alertCalls } from "../../../shared/defender/alerts/calls.ts";
import { NewAlert } from "../../../shared/defender/alerts/new-alert.ts";
import { and, eq, ge, instant } from "../../../shared/defender/odata/filter.ts";
import { allOf } from "../../../shared/defender/odata/list.ts";
import { ALERT_ID, MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(alertCalls);

const alertId = AlertId.parse(ALERT_ID);
const updates = { method: "PATCH", path: `/api/alerts/${ALERT_ID}` };

test("lists the alerts a filter means, and their evidence only if asked for", async () => {
  await using defender = await simulatedDefender();
  const { alerts } = defender.defender;
  const evidence = [{ entityType: "Ip", ipAddress: "10.1.2.3" }];
  await defender.simulator.addAlerts([{ severity: "High", evidence }, { severity: "Low" }]);

  const filter = and(eq("severity", "High"), ge("alertCreationTime", instant("2020-01-01T00:00:00.1234567Z")));
  expect(await allOf(alerts.list({ filter }))).toMatchObject([{ severity: "High", evidence: [] }]);
  expect(await allOf(alerts.list({ filter, expand: "evidence" }))).toMatchObject([{ evidence }]);
});

test("lists more alerts than a page holds, each once", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlerts(Array.from({ length: 10_001 }, (_, number) => ({ id: `da${number}_1` })));

  const ids = (await allOf(defender.defender.alerts.list())).map(({ id }) => id);
  expect(new Set(ids).size).toBe(10_001);
});

test("reads an alert with its evidence, and what it has to do with", async () => {
  await using defender = await simulatedDefender();
  const { alerts } = defender.defender;
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const sha1 = "4388963aaa83afe2042a46a3c017ad50bdcdafb3";
  await defender.simulator.addAlert({
    id: ALERT_ID,
    machineId: MACHINE_ID,
    relatedUser: { userName: "kim", domainName: "CONTOSO" },
    evidence: [
      { entityType: "File", sha1 },
      { entityType: "Ip", ipAddress: "10.1.2.3" },
      { entityType: "Url", url: "https://bad.example/x" },
    ],
  });

  expect((await alerts.get(alertId)).evidence).toHaveLength(3);
  expect(await alerts.machine(alertId)).toMatchObject({ id: MACHINE_ID });
  expect(await alerts.user(alertId)).toMatchObject({ accountName: "kim" });
  expect(await allOf(alerts.files(alertId))).toMatchObject([{ sha1 }]);
  expect(await allOf(alerts.ips(alertId))).toEqual([{ id: "10.1.2.3" }]);
  expect(await allOf(alerts.domains(alertId))).toEqual([{ host: "bad.example" }]);
});

test("sets the status first and the verdict second", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlert({ id: ALERT_ID });

  const updated = await defender.defender.alerts.update(alertId, {
    status: "Resolved",
    assignedTo: "kim@contoso.com",
    comment: "Checked",
    classification: "TruePositive",
    determination: "Malware",
  });

  expect(updated).toMatchObject({ status: "Resolved", assignedTo: "kim@contoso.com", determination: "Malware" });
  expect((await defender.simulator.journal(updates)).map(({ body }) => body)).toEqual([
    { status: "Resolved", assignedTo: "kim@contoso.com", comment: "Checked" },
    { classification: "TruePositive", determination: "Malware" },
  ]);
});

test("sends a determination in its other spelling to a tenant that takes only that", async () => {
  await using defender = await simulatedDefender({ determinations: { FalsePositive: ["NotMalicious"] } });
  await defender.simulator.addAlert({ id: ALERT_ID });

  const verdict = { classification: "FalsePositive", determination: "Clean" } as const;
  expect(await defender.defender.alerts.update(alertId, verdict)).toMatchObject({ determination: "NotMalicious" });
  expect((await defender.simulator.journal(updates)).map(({ status }) => status)).toEqual([400, 200]);
});

test("has set the status even where neither spelling of the determination is taken", async () => {
  await using defender = await simulatedDefender({ determinations: { FalsePositive: ["Other"] } });
  await defender.simulator.addAlert({ id: ALERT_ID });

  const update = { status: "Resolved", classification: "FalsePositive", determination: "Clean" } as const;
  await expect(defender.defender.alerts.update(alertId, update)).rejects.toMatchObject({ code: "InvalidInput" });
  expect(await defender.defender.alerts.get(alertId)).toMatchObject({ status: "Resolved", classification: null });
});

test("does not try the other spelling after an outage, which says nothing about the first", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlert({ id: ALERT_ID });
  await defender.simulator.fault({ ...updates, effect: "answer", status: 503 });

  const verdict = { classification: "FalsePositive", determination: "Clean" } as const;
  const update = defender.defender.alerts.update(alertId, verdict);
  await expect(update).rejects.toMatchObject({ name: "DefenderUnavailableError" });
  expect(await defender.simulator.journal(updates)).toHaveLength(1);
});

test("updates many alerts alike, though the answer is empty", async () => {
  await using defender = await simulatedDefender();
  const added = await defender.simulator.addAlerts([{}, {}]);
  const ids = added.map(({ id }) => AlertId.parse(id));

  await defender.defender.alerts.batchUpdate(ids, { status: "InProgress", comment: "In one go" });
  expect(await allOf(defender.defender.alerts.list())).toMatchObject([
    { status: "InProgress" },
    { status: "InProgress" },
  ]);
});

const event = { machineId: MACHINE_ID, eventTime: "2026-01-05T08:59:21.7115183Z", reportId: "9007199254740993" };
const newAlert = NewAlert.parse({
  ...event,
  severity: "Low",
  title: "Odd sign-in",
  description: "Found by hunting",
  recommendedAction: "Ask the user",
  category: "InitialAccess",
});

test("raises an alert about an event, named to the last digit of its time and report id", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.putRows("events", [event]);

  expect(await defender.defender.alerts.createByReference(newAlert)).toMatchObject({ title: "Odd sign-in" });
  expect(await defender.simulator.journal({ path: "*/CreateAlertByReference" })).toMatchObject([{ body: event }]);
});

test("says so when there is no such event", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });

  const raised = defender.defender.alerts.createByReference(newAlert);
  await expect(raised).rejects.toMatchObject({ name: "DefenderNotFoundError" });
});
