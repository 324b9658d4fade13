import { expect, test } from "vitest";
import { z } from "zod";
import { isolateMachine } from "../../functions/activities/isolate-machine.ts";
import { releaseMachine } from "../../functions/activities/release-machine.ts";
import { runAntiVirusScan } from "../../functions/activities/run-anti-virus-scan.ts";
import { startVirtualApp, type VirtualApp } from "../../local/virtual-app.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import { MACHINE_ID } from "../helpers/builders.ts";

const input = z.object({ machineId: MachineId });
const isolate = definePlaybook({
  ...{ name: "isolate", version: 1, summary: "Isolates a machine.", input },
  *steps(run, { machineId }) {
    return yield* run.step(isolateMachine, { machineId, isolationType: "Full", comment: "test" });
  },
});
const release = definePlaybook({
  ...{ name: "release", version: 1, summary: "Releases a machine.", input },
  *steps(run, { machineId }) {
    return yield* run.step(releaseMachine, { machineId, comment: "test" });
  },
});
const scan = definePlaybook({
  ...{ name: "scan", version: 1, summary: "Scans a machine.", input },
  *steps(run, { machineId }) {
    return yield* run.step(runAntiVirusScan, { machineId, scanType: "Quick", comment: "test" });
  },
});

const MINUTE = 60_000;

const start = (app: VirtualApp, name: string, instanceId = name) =>
  app.client.startNew(name, { instanceId, input: { machineId: MACHINE_ID } });
const hasEnded = async (app: VirtualApp, id: string) => (await app.client.getStatus(id)).runtimeStatus === "Completed";

test("an isolation does not wait for a scan of the same machine that Defender throttles", async () => {
  await using app = await startVirtualApp([isolate, scan]);
  await app.simulator.addMachine({ id: MACHINE_ID });
  await app.simulator.fault({
    ...{ method: "POST", path: "/api/machines/*/runAntiVirusScan", effect: "answer", status: 429 },
    headers: { "retry-after": "3600" },
  });
  await start(app, "scan");
  await app.settle();

  const startedAt = app.clock.now().getTime();
  await start(app, "isolate");
  await app.passTime(() => hasEnded(app, "isolate"), 5 * MINUTE);
  expect(app.clock.now().getTime() - startedAt).toBeLessThan(MINUTE);
});

test("a run that was ended by force while it waited for a limit holds up a release for a quarter of an hour at most", async () => {
  await using app = await startVirtualApp([isolate, release]);
  await app.simulator.addMachine({ id: MACHINE_ID });
  await app.simulator.fault({
    ...{ method: "POST", path: "/api/machines/*/isolate", effect: "answer", status: 429 },
    headers: { "retry-after": "3600" },
  });
  await start(app, "isolate");
  await app.settle();
  await app.client.terminate("isolate", "by%20hand");
  await app.settle();

  const startedAt = app.clock.now().getTime();
  await start(app, "release");
  await app.passTime(() => hasEnded(app, "release"), 60 * MINUTE);
  expect(app.clock.now().getTime() - startedAt).toBeLessThanOrEqual(16 * MINUTE);
});

test("every try has room under the limits, so that an outage does not end in refusals", async () => {
  await using app = await startVirtualApp([isolate]);
  const ids = Array.from({ length: 80 }, (_, index) => (index + 1).toString(16).padStart(40, "0"));
  for (const id of ids) await app.simulator.addMachine({ id });
  await app.simulator.fault({
    method: "POST",
    path: "/api/machines/*/isolate",
    effect: "answer",
    status: 503,
    times: 80,
  });
  for (const id of ids) await app.client.startNew("isolate", { instanceId: `run-${id}`, input: { machineId: id } });

  const last = async () => (await Promise.all(ids.map((id) => hasEnded(app, `run-${id}`)))).every(Boolean);
  await app.passTime(last, 20 * MINUTE);

  const refused = (await app.simulator.journal()).filter(({ status }) => status === 429);
  expect(refused).toEqual([]);
});

test("a list that Defender refuses for a while is waited for without using up the isolations' limit", async () => {
  await using app = await startVirtualApp([isolate]);
  const ids = Array.from({ length: 20 }, (_, index) => (index + 1).toString(16).padStart(40, "0"));
  for (const id of ids) await app.simulator.addMachine({ id });
  await app.simulator.fault({
    ...{ method: "GET", path: "/api/machineactions", effect: "answer", status: 429, times: 5 },
    headers: { "retry-after": "60" },
  });
  for (const id of ids) await app.client.startNew("isolate", { instanceId: `run-${id}`, input: { machineId: id } });

  const last = async () => (await Promise.all(ids.map((id) => hasEnded(app, `run-${id}`)))).every(Boolean);
  await app.passTime(last, 30 * MINUTE);

  const journal = await app.simulator.journal();
  const reads = journal.filter(({ method, path }) => method === "GET" && path.startsWith("/api/machines/"));
  expect(reads.length).toBeLessThanOrEqual(20 * 3);
});
