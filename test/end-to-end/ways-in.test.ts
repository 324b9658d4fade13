import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, connectApi } from "../../local/api.ts";
import { writeDemoConfig } from "../../local/demo/config.ts";
import { createPublisher } from "../../local/demo/publish.ts";
import { aMessage, anAlertEvidence, anAlertInfo } from "../../local/demo/stream-records.ts";
import { openKeys } from "../../local/host/keys.ts";
import { TimerStatusFolder } from "../../local/host/triggers/timer/timer-status.ts";
import { type Stack, startStack } from "../../local/stack.ts";
import type { AuditEntry } from "../../shared/audit/audit-log.ts";
import { aLine, writeExport } from "../helpers/export.ts";

let folder: string;
let stack: Stack;
let api: Api;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-ways-"));
  stack = await startStack({
    folder,
    limitScale: 1_000,
    simulator: ["--no-throttling", "--final-after-ms", "0"],
    storageExport: true,
    settings: {
      PLAYBOOKS_CONFIG_FOLDER: writeDemoConfig(folder),
      ALERT_POLL: "fill-gaps",
      ALERT_SETTLE_SECONDS: "0.1",
    },
  });
  api = await connectApi(stack.host.addresses);
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Subject {
  machineId: string;
  alertId: string;
  about: { tenantId: string; machineId: string; alertId: string; severity: string };
}

/** Each way in which a containment can be asked for. */
const ways: Record<string, (subject: Subject) => Promise<unknown>> = {
  "the stream": ({ about }) => send(anAlertEvidence({ ...about, deviceName: "x" })),
  "the stream, with a machine that only the API names": ({ about: { machineId, ...alert } }) =>
    send(anAlertInfo(alert)),
  "the storage export": ({ about }) =>
    writeExport(BlobServiceClient.fromConnectionString(stack.storageConnectionString), about.tenantId).append(
      "AlertEvidence",
      new Date(),
      aLine(anAlertEvidence({ ...about, deviceName: "x" })),
    ),
  "the poll of alerts": async () => undefined, // the alert is in Defender, and the poll finds it
  "a message over HTTP": ({ about }) => api.takeIn(aMessage([anAlertEvidence({ ...about, deviceName: "x" })])),
  "a run over HTTP": ({ machineId }) => api.startRun("contain-device", { machineId }),
};
const names = Object.keys(ways);

async function send(record: object): Promise<void> {
  const publisher = createPublisher(stack);
  await publisher.send(aMessage([record]));
  await publisher.close();
}

/** What the poll would bring too, if Defender showed it. */
const isOutsideDefender = (name: string): boolean => !name.includes("poll") && !name.includes("API");

async function stage(name: string, number: number, machineTags: string[]): Promise<Subject> {
  const machineId = number.toString(16).padStart(40, "a");
  const alertId = `da${String(number).padStart(18, "0")}_9`;
  await stack.simulator.addMachine({ id: machineId, machineTags });
  if (!isOutsideDefender(name)) await stack.simulator.addAlert({ id: alertId, machineId, severity: "High" });
  return { machineId, alertId, about: { tenantId: stack.defender.tenantId, machineId, alertId, severity: "High" } };
}

/** Has the timers of storage export and poll go off now: they missed a run while the host was down. */
async function haveTimersGoOff(): Promise<void> {
  await stack.host.kill();
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const states = new TimerStatusFolder(join(folder, "host", "timers"));
  for (const name of ["storageExport", "alertPoll"]) {
    states.write(name, { Last: anHourAgo, Next: anHourAgo, LastUpdated: anHourAgo });
  }
  await stack.restartHost();
  api = await connectApi(stack.host.addresses);
}

async function auditOf(machineId: string): Promise<AuditEntry[]> {
  const { functionKey } = await openKeys(stack.host.addresses.keysFile);
  const runs = (await api.runs()).filter(({ input }) => (input as { machineId?: string })?.machineId === machineId);
  const audits = runs.map(async ({ runId }) => {
    const address = new URL(`/api/runs/${runId}/audit`, stack.host.addresses.url);
    const response = await fetch(address, { headers: { "x-functions-key": functionKey } });
    return ((await response.json()) as { records: AuditEntry[] }).records;
  });
  return (await Promise.all(audits)).flat();
}

async function verdictsOn({ machineId }: Subject): Promise<AuditEntry[]> {
  for (const deadline = Date.now() + 30_000; ; ) {
    const verdicts = (await auditOf(machineId)).filter(
      ({ effect, event }) => effect === "contain" && (event === "allowed" || event === "denied"),
    );
    if (verdicts.length > 0 || Date.now() > deadline) return verdicts;
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

test("whichever way it is asked for: a critical asset is denied and never isolated, any other only after a verdict", async () => {
  const critical = await Promise.all(names.map((name, index) => stage(name, index + 1, ["critical-asset"])));
  const ordinary = await Promise.all(names.map((name, index) => stage(name, index + 101, [])));
  for (const [index, name] of names.entries()) {
    for (const subject of [critical[index], ordinary[index]]) await ways[name]?.(subject as Subject);
  }
  await haveTimersGoOff();

  for (const [index, name] of names.entries()) {
    const denied = await verdictsOn(critical[index] as Subject);
    expect(denied.map(({ activity, event }) => [name, activity, event])).toEqual([[name, "isolateMachine", "denied"]]);
    const [allowed] = await verdictsOn(ordinary[index] as Subject);
    expect([name, allowed?.activity, allowed?.event]).toEqual([name, "isolateMachine", "allowed"]);
  }
  const isolated = (await stack.simulator.journal({ method: "POST", path: "/api/machines/*/isolate" })).map(
    ({ machineId }) => machineId,
  );
  expect(isolated.sort()).toEqual(ordinary.map(({ machineId }) => machineId).sort());
}, 120_000);
