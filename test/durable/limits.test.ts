import { expect, test } from "vitest";
import { z } from "zod";
import { getMachine } from "../../functions/activities/get-machine.ts";
import { isolateMachine } from "../../functions/activities/isolate-machine.ts";
import { startVirtualApp, type VirtualApp } from "../../local/virtual-app.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { definePlaybook } from "../../shared/playbook.ts";
import { MACHINE_ID } from "../helpers/builders.ts";

const input = z.object({ machineId: MachineId });
const isolate = definePlaybook({
  ...{ name: "isolate", version: 1, summary: "Isolates a machine.", input },
  *steps(run, { machineId }) {
    yield* run.step(isolateMachine, { machineId, isolationType: "Full", comment: "test" });
    return run.now().toISOString();
  },
});
const enrich = definePlaybook({
  ...{ name: "enrich", version: 1, summary: "Reads a machine ten times.", input },
  *steps(run, { machineId }) {
    for (let times = 0; times < 10; times++) yield* run.step(getMachine, { machineId });
    return run.now().toISOString();
  },
});

const MINUTE = 60_000;

const start = (app: VirtualApp, name: string, instanceId: string) =>
  app.client.startNew(name, { instanceId, input: { machineId: MACHINE_ID } });

const hasEnded = async (app: VirtualApp, id: string) => (await app.client.getStatus(id)).runtimeStatus === "Completed";

const throttled = async (app: VirtualApp) => (await app.simulator.journal()).filter(({ status }) => status === 429);

test("a containment goes at once while enrichment has used up what it may of the same limit", async () => {
  await using app = await startVirtualApp([isolate, enrich]);
  await app.simulator.addMachine({ id: MACHINE_ID });
  for (let index = 0; index < 50; index++) await start(app, "enrich", `enrich-${index}`);
  await app.settle();
  const readSoFar = (await app.simulator.journal()).length;

  await start(app, "isolate", "containment");
  const startedAt = app.clock.now().toISOString();
  await app.passTime(() => hasEnded(app, "containment"), MINUTE);

  expect(readSoFar).toBe(90);
  expect((await app.client.getStatus("containment")).output).toBe(startedAt);
  expect(await throttled(app)).toEqual([]);
});

test("all of 500 reads are made, as fast as the limit allows what can wait, and none is refused", async () => {
  await using app = await startVirtualApp([enrich]);
  await app.simulator.addMachine({ id: MACHINE_ID });
  const startedAt = app.clock.now().getTime();
  for (let index = 0; index < 50; index++) await start(app, "enrich", `enrich-${index}`);

  const all = async () => (await app.simulator.journal()).length === 500;
  await app.passTime(all, 20 * MINUTE);

  // 90 a minute: the last 50 in the sixth minute.
  expect(app.clock.now().getTime() - startedAt).toBeLessThan(5 * MINUTE + 5_000);
  expect(await throttled(app)).toEqual([]);
});

test("says on the run what it waits for", async () => {
  await using app = await startVirtualApp([enrich]);
  await app.simulator.addMachine({ id: MACHINE_ID });
  for (let index = 0; index < 10; index++) await start(app, "enrich", `enrich-${index}`);
  await app.settle();

  const steps = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => (await app.client.getStatus(`enrich-${index}`)).customStatus),
  );
  expect(JSON.stringify(steps)).toContain("getMachine waits for Defender's limit until 2026-01-05T09:01:00");
});

test("waits as long as Defender says where somebody else uses up the limit, and lets nobody try before", async () => {
  await using app = await startVirtualApp([isolate]);
  for (const id of [MACHINE_ID, "ab".repeat(20)]) await app.simulator.addMachine({ id });
  await app.simulator.fault({
    ...{ method: "POST", path: "/api/machines/*/isolate", effect: "answer", status: 429 },
    headers: { "retry-after": "120" },
  });

  await start(app, "isolate", "first");
  await app.settle();
  await app.client.startNew("isolate", { instanceId: "second", input: { machineId: "ab".repeat(20) } });
  const bothEnded = async () => (await hasEnded(app, "first")) && (await hasEnded(app, "second"));
  await app.passTime(bothEnded, 10 * MINUTE);

  const isolations = await app.simulator.journal({ method: "POST", path: "/api/machines/*/isolate" });
  expect(isolations.map(({ status, time }) => [status, time.slice(11, 16)])).toEqual([
    [429, "09:00"],
    [201, "09:02"],
    [201, "09:02"],
  ]);
});
