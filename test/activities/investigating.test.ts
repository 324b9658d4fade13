import { expect, test } from "vitest";
import { commentOnIncident } from "../../functions/activities/comment-on-incident.ts";
import { createAlert } from "../../functions/activities/create-alert.ts";
import { deleteIndicator } from "../../functions/activities/delete-indicator.ts";
import { findMachinesByIp } from "../../functions/activities/find-machines-by-ip.ts";
import { findMachinesByTag } from "../../functions/activities/find-machines-by-tag.ts";
import { getAlertEvidence } from "../../functions/activities/get-alert-evidence.ts";
import { getDomainStatistics } from "../../functions/activities/get-domain-statistics.ts";
import { getFile } from "../../functions/activities/get-file.ts";
import { getFileStatistics } from "../../functions/activities/get-file-statistics.ts";
import { getIncident } from "../../functions/activities/get-incident.ts";
import { getIpStatistics } from "../../functions/activities/get-ip-statistics.ts";
import { importIndicators } from "../../functions/activities/import-indicators.ts";
import { listAlerts } from "../../functions/activities/list-alerts.ts";
import { listDomainAlerts } from "../../functions/activities/list-domain-alerts.ts";
import { listDomainMachines } from "../../functions/activities/list-domain-machines.ts";
import { listFileAlerts } from "../../functions/activities/list-file-alerts.ts";
import { listFileMachines } from "../../functions/activities/list-file-machines.ts";
import { listIndicators } from "../../functions/activities/list-indicators.ts";
import { listIpAlerts } from "../../functions/activities/list-ip-alerts.ts";
import { listMachineAlerts } from "../../functions/activities/list-machine-alerts.ts";
import { listMachineRecommendations } from "../../functions/activities/list-machine-recommendations.ts";
import { listMachineSoftware } from "../../functions/activities/list-machine-software.ts";
import { listMachineVulnerabilities } from "../../functions/activities/list-machine-vulnerabilities.ts";
import { listMissingUpdates } from "../../functions/activities/list-missing-updates.ts";
import { listUserAlerts } from "../../functions/activities/list-user-alerts.ts";
import { listUserMachines } from "../../functions/activities/list-user-machines.ts";
import { listVulnerabilityMachines } from "../../functions/activities/list-vulnerability-machines.ts";
import { firstRows, MOST_ROWS } from "../../functions/activities/listing.ts";
import { runHuntingQuery } from "../../functions/activities/run-hunting-query.ts";
import { setAlertVerdict } from "../../functions/activities/set-alert-verdict.ts";
import { setDeviceValue } from "../../functions/activities/set-device-value.ts";
import { submitIndicator } from "../../functions/activities/submit-indicator.ts";
import { tagMachine } from "../../functions/activities/tag-machine.ts";
import { untagMachine } from "../../functions/activities/untag-machine.ts";
import { updateIncident } from "../../functions/activities/update-incident.ts";
import { Evidence } from "../../shared/defender/alerts/alert.ts";
import type { Activity } from "../../shared/playbook.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";
import { simulatedDefender } from "../helpers/defender.ts";
import { putExposure } from "../helpers/exposure.ts";

test("gives back a hundred rows, says that there are more, and asks Defender for no more than it needs", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlerts(Array.from({ length: MOST_ROWS + 50 }, () => ({ severity: "High" })));

  const { rows, hasMore } = (await defender.perform(listAlerts, { severity: "High" })) as {
    rows: object[];
    hasMore: boolean;
  };
  expect([rows.length, hasMore]).toEqual([100, true]);
  expect(await defender.simulator.journal({ path: "/api/alerts" })).toMatchObject([
    { query: "$filter=severity eq 'High'&$top=101" },
  ]);
});

test("gives back fewer rows where they are long, as a run keeps them for good", async () => {
  const long = Array.from({ length: 50 }, () => ({ entityType: "Process", processCommandLine: "x".repeat(5_000) }));

  const { rows, hasMore } = await firstRows(long, Evidence);
  expect(JSON.stringify(rows).length).toBeLessThan(45_000);
  expect([rows.length > 0, hasMore]).toEqual([true, true]);
});

test("says that there are no more rows where there are none", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.addAlerts([
    { machineId: MACHINE_ID, status: "New" },
    { machineId: MACHINE_ID, status: "Resolved" },
  ]);

  const input = { machineId: MACHINE_ID, status: "New" };
  expect(await defender.perform(listMachineAlerts, input)).toMatchObject({ rows: [{ status: "New" }], hasMore: false });
});

test("lists alerts of a time and an incident", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlerts([{ incidentId: 7 }, { incidentId: 8 }]);

  const since = { createdSince: "2020-01-01T00:00:00Z", updatedSince: "2020-01-01T00:00:00.1234567Z" };
  expect(await defender.perform(listAlerts, { incidentId: 7, ...since })).toMatchObject({ rows: [{ incidentId: 7 }] });
});

test("finds machines by address and by tag", async () => {
  await using defender = await simulatedDefender();
  const { id } = await defender.simulator.addMachine({ lastIpAddress: "10.1.2.3", machineTags: ["wave-1"] });

  const at = new Date().toISOString();
  expect(await defender.perform(findMachinesByIp, { ip: "10.1.2.3", at })).toMatchObject({ rows: [{ id }] });
  expect(await defender.perform(findMachinesByTag, { tag: "wave", startsWith: true })).toMatchObject({
    rows: [{ id }],
  });
});

test("refuses a sign-in name where an account name is asked for, before anything is sent", async () => {
  await using defender = await simulatedDefender();

  const listed = defender.perform(listUserMachines, { accountName: "kim@contoso.com" });
  await expect(listed).rejects.toMatchObject({ code: "InvalidInput" });
  await expect(listed).rejects.toThrow("users are found by account name alone");
  expect(await defender.simulator.journal()).toEqual([]);
});

test("lists what is wrong with a machine, and which machines have a vulnerability", async () => {
  await using defender = await simulatedDefender();
  await putExposure(defender.simulator);

  expect(await defender.perform(listMachineVulnerabilities, { machineId: MACHINE_ID })).toEqual({
    rows: [{ id: "CVE-2026-0001", severity: "Critical", cvssV3: 9.8 }],
    hasMore: false,
  });
  expect(await defender.perform(listVulnerabilityMachines, { cveId: "CVE-2026-0001" })).toMatchObject({
    rows: [{ id: MACHINE_ID }],
  });
});

test("sets a tag and takes it off, as often as the step is repeated", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, machineTags: ["finance"] });
  const input = { machineId: MACHINE_ID, tag: "under-watch" };

  await defender.perform(tagMachine, input);
  expect(await defender.perform(tagMachine, input)).toEqual({ machineTags: ["finance", "under-watch"] });
  await defender.perform(untagMachine, input);
  expect(await defender.perform(untagMachine, input)).toEqual({ machineTags: ["finance"] });
});

test("takes no tag off that the policy protects machines by", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, machineTags: ["Critical-Asset"] });

  const untagged = defender.perform(untagMachine, { machineId: MACHINE_ID, tag: "Critical-Asset " });
  await expect(untagged).rejects.toMatchObject({ code: "PolicyDenied" });
  expect(await defender.simulator.journal({ method: "POST" })).toEqual([]);
});

test("sets the value of a device", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });

  const input = { machineId: MACHINE_ID, deviceValue: "High" };
  expect(await defender.perform(setDeviceValue, input)).toEqual({ deviceValue: "High" });
});

test("reads what an alert shows", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlert({ id: ALERT_ID, evidence: [{ entityType: "Ip", ipAddress: "10.1.2.3" }] });

  expect(await defender.perform(getAlertEvidence, { alertId: ALERT_ID })).toMatchObject({
    rows: [{ entityType: "Ip", ipAddress: "10.1.2.3" }],
    hasMore: false,
  });
});

const falseAlarm = { alertId: ALERT_ID, classification: "FalsePositive", determination: "Clean" };

test("says what an alert turned out to be, and resolves it", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlert({ id: ALERT_ID });

  expect(await defender.perform(setAlertVerdict, { ...falseAlarm, status: "Resolved" })).toEqual({
    classification: "FalsePositive",
    determination: "Clean",
  });
});

test("refuses a determination that is none of its classification", async () => {
  await using defender = await simulatedDefender();

  const set = defender.perform(setAlertVerdict, { ...falseAlarm, determination: "Malware" });
  await expect(set).rejects.toThrow("this determination is not one of that classification");
});

test("raises one alert about an event, however often the step is repeated", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const event = { machineId: MACHINE_ID, eventTime: "2026-01-05T08:59:21.7115183Z", reportId: "20776" };
  await defender.simulator.putRows("events", [event]);
  const about = { severity: "Low", title: "Odd", description: "Odd", recommendedAction: "Ask", category: "General" };

  const first = await defender.perform(createAlert, { ...event, ...about });
  expect(await defender.perform(createAlert, { ...event, ...about })).toMatchObject({
    id: (first as { id: string }).id,
  });
});

const sha1 = "4388963aaa83afe2042a46a3c017ad50bdcdafb3";
const lookedUp: [Activity, object, object][] = [
  [getFile, { hash: sha1 }, { sha1 }],
  [getFileStatistics, { hash: sha1, lookBackHours: 24 }, { organizationPrevalence: 1 }],
  [listFileMachines, { sha1 }, { rows: [{ id: MACHINE_ID }] }],
  [listFileAlerts, { sha1 }, { rows: [{ id: ALERT_ID }] }],
  [getIpStatistics, { ip: "2001:db8::7" }, { organizationPrevalence: 1 }],
  [listIpAlerts, { ip: "2001:db8::7" }, { rows: [{ id: ALERT_ID }] }],
  [getDomainStatistics, { domain: "bad.example" }, { organizationPrevalence: 1 }],
  [listDomainMachines, { domain: "bad.example" }, { rows: [{ id: MACHINE_ID }] }],
  [listDomainAlerts, { domain: "bad.example" }, { rows: [{ id: ALERT_ID }] }],
  [listUserMachines, { accountName: "kim" }, { rows: [{ id: MACHINE_ID }] }],
  [listUserAlerts, { accountName: "kim" }, { rows: [{ id: ALERT_ID }] }],
  [listMachineSoftware, { machineId: MACHINE_ID }, { rows: [{ id: "contoso-_-reader" }] }],
  [listMachineRecommendations, { machineId: MACHINE_ID }, { rows: [{ id: "va-_-contoso-_-reader" }] }],
  [listMissingUpdates, { machineId: MACHINE_ID }, { rows: [{ id: "5001234" }] }],
];

test.each(lookedUp.map(([activity, ...rest]) => [activity.name, activity, ...rest] as const))(
  "%s finds what there is",
  async (_, activity, input, found) => {
    await using defender = await simulatedDefender();
    await putExposure(defender.simulator);
    await defender.simulator.addAlert({
      id: ALERT_ID,
      machineId: MACHINE_ID,
      evidence: [
        { entityType: "File", sha1 },
        { entityType: "Ip", ipAddress: "2001:db8::7" },
        { entityType: "Url", url: "https://bad.example/x" },
        { entityType: "User", accountName: "kim" },
      ],
    });

    const result = await defender.perform(activity, input);
    expect(activity.output.parse(result)).toMatchObject(found);
  },
);

test("says with null that a file is unknown", async () => {
  await using defender = await simulatedDefender();
  const hash = "4388963aaa83afe2042a46a3c017ad50bdcdafb3";

  expect(await defender.perform(getFile, { hash })).toBeNull();
  expect(await defender.perform(getFileStatistics, { hash })).toBeNull();
});

test("gives back as many rows of a query as are wanted, and says that there are more", async () => {
  await using defender = await simulatedDefender();
  const rows = Array.from({ length: 20 }, (_, number) => ({ DeviceName: `pc-${number}` }));
  await defender.simulator.addHuntingAnswer({ contains: "DeviceInfo", rows });

  expect(await defender.perform(runHuntingQuery, { query: "DeviceInfo", atMost: 2 })).toEqual({
    columns: [{ name: "DeviceName", type: "String" }],
    rows: rows.slice(0, 2),
    hasMore: true,
  });
});

const bad = {
  indicatorValue: "bad.example",
  indicatorType: "DomainName",
  action: "Block",
  title: "Bad",
  description: "Bad",
};

test("submits an indicator, finds it and deletes it, once and again", async () => {
  await using defender = await simulatedDefender();

  const { id } = (await defender.perform(submitIndicator, bad)) as { id: string };
  const listed = await defender.perform(listIndicators, { indicatorValue: "bad.example", action: "Block" });
  expect(listed).toMatchObject({ rows: [{ id, indicatorType: "DomainName" }] });
  expect(await defender.perform(deleteIndicator, { indicatorId: id })).toEqual({ deleted: true });
  expect(await defender.perform(deleteIndicator, { indicatorId: id })).toEqual({ deleted: false });
});

test("refuses an indicator that Defender would refuse, before anything is sent", async () => {
  await using defender = await simulatedDefender();

  await expect(defender.perform(submitIndicator, { ...bad, action: "Audit" })).rejects.toThrow(
    "generateAlert must be true",
  );
  expect(await defender.simulator.journal()).toEqual([]);
});

test("imports indicators and gives back those that failed", async () => {
  await using defender = await simulatedDefender();
  const odd = { ...bad, indicatorType: "FileSha1", indicatorValue: "not a hash" };

  expect(await defender.perform(importIndicators, { indicators: [bad, odd] })).toEqual({
    accepted: 1,
    failed: [{ indicator: "not a hash", reason: expect.stringContaining("hash") }],
  });
});

test("reads an incident and sets its status", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlert({ incidentId: 28282, title: "Odd sign-in" });

  const incident = await defender.perform(getIncident, { incidentId: "28282" });
  expect(incident).toMatchObject({ id: "28282", displayName: "Odd sign-in", status: "active" });
  expect(await defender.perform(updateIncident, { incidentId: "28282", status: "resolved" })).toEqual({
    status: "resolved",
  });
});

test("comments on an incident once, however often the step is repeated", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addAlert({ incidentId: 28282 });
  const input = { incidentId: "28282", key: "closing", comment: "Contained" };

  expect(await defender.perform(commentOnIncident, input)).toEqual({ written: true });
  expect(await defender.perform(commentOnIncident, input)).toEqual({ written: false });
  expect(await defender.perform(commentOnIncident, { ...input, key: "later" })).toEqual({ written: true });
  expect(await defender.simulator.journal({ path: "*/comments" })).toHaveLength(2);
});
