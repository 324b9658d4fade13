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

test("neither the end of an isolation nor an undo goes past the gate, and neither isolates anything", async () => {
  const held = await stage("a run over HTTP", 201, []);
  const undone = await stage("a run over HTTP", 202, []);
  const critical = await stage("a run over HTTP", 203, ["critical-asset"]);
  const runs = await Promise.all(
    [held, undone, critical].map(({ machineId }) =>
      api.startRun("contain-device", { machineId, joinMinutes: 0, leaseHours: 24 }),
    ),
  );
  for (const runId of runs) await ended(runId);

  const answers = [
    await ask("POST", `leases/${held.machineId}/release`, { reason: "clean", by: "ana" }),
    await ask("POST", `leases/${critical.machineId}/release`, { reason: "clean" }),
    await ask("POST", `runs/${runs[1]}/undo`),
    await ask("POST", `runs/${runs[2]}/undo`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([202, 404, 202, 202]);
  const [holding, undoing, undoingNothing] = [
    String(answers[0]?.body.holdRunId),
    String(answers[2]?.body.runId),
    String(answers[3]?.body.runId),
  ];
  for (const runId of [holding, undoing, undoingNothing]) await ended(runId);

  const isolation = async ({ machineId }: Subject) => (await stack.simulator.machine(machineId)).isolation;
  expect(await Promise.all([held, undone, critical].map(isolation))).toEqual([null, null, null]);
  const { leases } = (await ask("GET", "leases")).body as unknown as { leases: { machineId: string }[] };
  const listed = leases.map(({ machineId }) => machineId);
  expect(listed).not.toEqual(expect.arrayContaining([held.machineId]));
  expect(listed).not.toEqual(expect.arrayContaining([undone.machineId]));
  const ids = [held.machineId, undone.machineId, critical.machineId];
  const sent = (await stack.simulator.journal({ method: "POST" })).filter(({ machineId = "" }) =>
    ids.includes(machineId),
  );
  const kinds = sent.map(({ path, machineId }) => [path.split("/").at(-1), ids.indexOf(machineId ?? "")]);
  expect(kinds.filter(([kind]) => kind === "isolate" || kind === "unisolate").sort()).toEqual([
    ["isolate", 0],
    ["isolate", 1],
    ["unisolate", 0],
    ["unisolate", 1],
  ]);
  const verdicts = [holding, undoing].map(async (runId) =>
    (await recordsOf(runId)).filter(({ activity }) => activity === "releaseMachine").map(({ event }) => event),
  );
  expect(await Promise.all(verdicts)).toEqual([
    ["allowed", "done"],
    ["allowed", "done"],
  ]);
}, 120_000);

async function ask(method: string, path: string, body?: object) {
  const { functionKey } = await openKeys(stack.host.addresses.keysFile);
  const response = await fetch(new URL(`/api/${path}`, stack.host.addresses.url), {
    method,
    headers: { "x-functions-key": functionKey, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const recordsOf = async (runId: string): Promise<AuditEntry[]> =>
  (await ask("GET", `runs/${runId}/audit`)).body.records as AuditEntry[];

async function ended(runId: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const { status } = (await ask("GET", `runs/${runId}`)).body;
    if (status === "finished") return;
    await new Promise((resume) => setTimeout(resume, 300));
  }
  throw new Error(`Run ${runId} has not ended`);
}
