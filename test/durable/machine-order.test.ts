import { expect, test } from "vitest";
import { z } from "zod";
import { isolateMachine } from "../../functions/activities/isolate-machine.ts";
import { releaseMachine } from "../../functions/activities/release-machine.ts";
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

const HOUR = 3_600_000;

async function start(app: VirtualApp, ...names: string[]): Promise<string[]> {
  const ids = names.map((name, index) => `run-${index + 1}-${name}`);
  for (const [index, id] of ids.entries()) {
    await app.client.startNew(names[index] as string, { instanceId: id, input: { machineId: MACHINE_ID } });
  }
  return ids;
}

async function outputs(app: VirtualApp, ids: string[], atMost = HOUR) {
  const all = () => Promise.all(ids.map((id) => app.client.getStatus(id)));
  await app.passTime(async () => (await all()).every(({ runtimeStatus }) => runtimeStatus === "Completed"), atMost);
  return (await all()).map(({ output }) => output as { id: string; type: string; status: string });
}

/** What was asked of Defender on the machine, in order: the calls that it took. */
async function asked(app: VirtualApp): Promise<string[]> {
  const calls = await app.simulator.journal({ method: "POST" });
  return calls.filter(({ status }) => status < 300).map(({ path }) => path.split("/").at(-1) ?? "");
}

test("two runs that isolate a machine at the same moment ask once, and get the same machine action", async () => {
  await using app = await startVirtualApp([isolate]);
  await app.simulator.addMachine({ id: MACHINE_ID });

  const [one, two] = await outputs(app, await start(app, "isolate", "isolate"));

  expect(await app.simulator.journal({ method: "POST" })).toHaveLength(1);
  expect(one?.id).toBe(two?.id);
});

test("isolate, release and isolate in quick succession take effect in this order", async () => {
  await using app = await startVirtualApp([isolate, release], {
    settings: { actionDelays: { inProgressAfterMs: 2_000, finalAfterMs: 20_000 } },
  });
  await app.simulator.addMachine({ id: MACHINE_ID });

  const ids = await start(app, "isolate", "release", "isolate");
  await outputs(app, ids);
  await app.passTime(() => true, 0);

  const order = await asked(app);
  expect(order.filter((call) => call === "isolate")).toHaveLength(2);
  expect(order[0]).toBe("isolate");
  expect(order.at(-1)).toBe("isolate");
  app.clock.advance(60_000);
  expect(await app.simulator.machine(MACHINE_ID)).toMatchObject({ isolation: "Full" });
});

test("a release that follows an isolation leaves the machine on the network", async () => {
  await using app = await startVirtualApp([isolate, release]);
  await app.simulator.addMachine({ id: MACHINE_ID });

  await outputs(app, await start(app, "isolate", "release"));
  app.clock.advance(60_000);

  expect(await app.simulator.machine(MACHINE_ID)).toMatchObject({ isolation: null });
});

test("a run that was ended by force in the middle of its turn holds up the others for a quarter of an hour at most", async () => {
  await using app = await startVirtualApp([isolate, release]);
  await app.simulator.addMachine({ id: MACHINE_ID });
  // Defender is down: the first run keeps its turn while it tries.
  await app.simulator.fault({ path: "/api/machineactions", effect: "answer", status: 503, times: 3 });
  await app.client.startNew("isolate", { instanceId: "ended", input: { machineId: MACHINE_ID } });
  await app.settle();
  await app.client.terminate("ended", "by%20hand");
  await app.settle();

  const startedAt = app.clock.now().getTime();
  await outputs(app, await start(app, "isolate"));
  expect(app.clock.now().getTime() - startedAt).toBeLessThan(16 * 60_000);
});
