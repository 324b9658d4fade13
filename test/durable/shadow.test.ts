import { expect, test } from "vitest";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import { startVirtualApp, type VirtualApp } from "../../local/virtual-app.ts";
import { Policy } from "../../shared/policy/policy.ts";
import { withStart } from "../../shared/runs/run-input.ts";
import type { Services } from "../../shared/services.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";

const RUN_ID = `run-${"1".padStart(40, "0")}`;
const input = { alertId: ALERT_ID, machineId: MACHINE_ID, tenantId: "t-1" };

/** A containment to its end, in a mode; and every store that a pretended run must leave alone. */
async function contain(app: VirtualApp, started: unknown) {
  await app.client.startNew(containDevice.name, { instanceId: RUN_ID, input: started });
  const status = () => app.client.getStatus(RUN_ID);
  await app.passTime(async () => (await status()).runtimeStatus === "Completed", 86_400_000);
  const changes = (await app.simulator.journal()).filter(({ method }) => method !== "GET");
  return { status: await status(), changes, events: app.audit.map(({ activity, event }) => `${activity} ${event}`) };
}

const refusing = (what: string) => () => Promise.reject(new Error(`a pretended run has used ${what}`));
const untouched = {
  tickets: { open: refusing("tickets"), addNote: refusing("tickets"), get: refusing("tickets") },
  evidence: { find: refusing("evidence"), store: refusing("evidence") },
  cases: { join: refusing("cases"), alertsOf: async () => [], close: async () => ({ isClosed: true }) },
} as unknown as Partial<Services>;

async function appWith(services: Partial<Services> = {}, machine: object = {}) {
  const app = await startVirtualApp([containDevice], { services: { ...untouched, ...services } });
  await app.simulator.addMachine({ id: MACHINE_ID, ...machine });
  await app.simulator.addAlert({ id: ALERT_ID, machineId: MACHINE_ID });
  return app;
}

test("a run in shadow reads, changes nothing, and leaves on record what it would have done", async () => {
  await using app = await appWith();

  const { status, changes, events } = await contain(app, withStart(input, { mode: "shadow" }));

  expect(changes).toEqual([]);
  expect(events).toEqual(
    expect.arrayContaining([
      "isolateMachine would-have",
      "openTicket would-have",
      "collectInvestigationPackage would-have",
      "storePackage would-have",
      "updateAlert would-have",
    ]),
  );
  expect(new Set(events.map((words) => words.split(" ")[1]))).toEqual(new Set(["would-have"]));
  expect((status.customStatus as { progress: string }).progress).toMatch(/^Shadow, nothing is done: /);
});

test("a run in shadow says that it would have been denied on a critical asset", async () => {
  await using app = await appWith(
    { policy: () => Policy.parse({ criticalAssets: { tags: ["vip"] } }) },
    { machineTags: ["VIP"] },
  );

  const { status, changes, events } = await contain(app, withStart(input, { mode: "shadow" }));

  expect(changes).toEqual([]);
  expect(events).toContain("isolateMachine denied");
  expect(status.output).toMatchObject({ outcome: "not-isolated" });
});

test.each([{ everything: true }, { playbooks: ["contain-device"] }, { tenants: ["T-1"] }])(
  "the policy has runs only pretend: %j",
  async (shadow) => {
    await using app = await appWith({ policy: () => Policy.parse({ shadow }) });

    const { status, changes, events } = await contain(app, input);
    expect(changes).toEqual([]);
    expect(events).toContain("isolateMachine would-have");
    expect((status.customStatus as { progress: string }).progress).toMatch(/^Shadow, nothing is done: /);
  },
);

test("a run that asks first leaves the containment to a person", async () => {
  await using app = await appWith({
    tickets: { open: async () => ({ id: "SEC-1" }), addNote: async () => ({ id: "SEC-1" }) } as never,
  });

  const { status, events } = await contain(app, withStart(input, { mode: "ask" }));

  expect(events).toContain("isolateMachine denied");
  expect(status.output).toMatchObject({
    outcome: "not-isolated",
    words: expect.stringContaining("a person must decide"),
  });
});

test("a run in shadow says that a cap would have refused it, and opens no circuit breaker", async () => {
  await using app = await appWith({ policy: () => Policy.parse({ caps: { machinesPerHour: 0 } }) });

  const { status, events } = await contain(app, withStart(input, { mode: "shadow" }));

  expect(events).toContain("isolateMachine denied");
  expect(events.filter((words) => words.startsWith("circuitBreaker"))).toEqual([]);
  expect(status.output).toMatchObject({ words: expect.stringContaining("no more than 0 machines") });
});
