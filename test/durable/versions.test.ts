import { expect, test } from "vitest";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import { containDeviceV3 } from "../../functions/playbooks/earlier/contain-device-v3.ts";
import { holdIsolation } from "../../functions/playbooks/hold-isolation.ts";
import { createRunControl } from "../../functions/run-control.ts";
import { startVirtualApp, type VirtualApp } from "../../local/virtual-app.ts";
import type { Services } from "../../shared/services.ts";
import { MACHINE_ID } from "../helpers/builders.ts";

const OTHER_MACHINE_ID = "ab".repeat(20);
const FOUR_DAYS_MS = 4 * 86_400_000;

/** An app of the time before version 4, which started runs under the plain name, with a containment that waits. */
async function appWithRunOfVersion3() {
  const services = {
    tickets: {
      open: async () => ({ id: "SEC-1" }),
      addNote: async () => ({ id: "SEC-1" }),
      get: async () => undefined,
    },
    evidence: {
      find: async () => undefined,
      store: async () => ({ container: "e", name: "p", bytes: 1, sha256: "ab" }),
    },
    cases: { alertsOf: async () => [], close: async () => ({ isClosed: true }) },
  } as unknown as Partial<Services>;
  const app = await startVirtualApp([containDeviceV3], { services });
  await app.simulator.addMachines([{ id: MACHINE_ID, offline: true }, { id: OTHER_MACHINE_ID }]);
  await app.client.startNew("contain-device", { instanceId: "old", input: { machineId: MACHINE_ID } });
  await app.passTime(async () => (await progressOf(app, "old")) === "queued, device offline", FOUR_DAYS_MS);
  return app;
}

const statusOf = ({ client }: VirtualApp, runId: string) => client.getStatus(runId);

const progressOf = async (app: VirtualApp, runId: string) =>
  ((await statusOf(app, runId)).customStatus as { progress?: string } | null)?.progress;

const hasEnded = (app: VirtualApp, runId: string) => async () =>
  !["Pending", "Running"].includes((await statusOf(app, runId)).runtimeStatus);

const stepsOf = async (app: VirtualApp, runId: string) =>
  ((await statusOf(app, runId)).customStatus as { steps: { name: string }[] }).steps.map(({ name }) => name);

test("a run goes on with the version it began with while a new one takes the newest", async () => {
  await using app = await appWithRunOfVersion3();

  await app.restart([containDevice, containDeviceV3, holdIsolation]);
  const input = { machineId: OTHER_MACHINE_ID, leaseHours: 5 };
  await createRunControl(app.client).startOnce("contain-device", "new", input);
  await app.simulator.setOffline(MACHINE_ID, false);
  await app.passTime(hasEnded(app, "old"), FOUR_DAYS_MS);
  await app.passTime(hasEnded(app, "new"), FOUR_DAYS_MS);

  for (const runId of ["old", "new"]) {
    expect(await statusOf(app, runId)).toMatchObject({ runtimeStatus: "Completed", output: { outcome: "isolated" } });
  }
  expect((await statusOf(app, "new")).name).toBe(`contain-device-v${containDevice.version}`);
  expect(await stepsOf(app, "new")).toContain("startLease");
  expect(await stepsOf(app, "old")).not.toContain("startLease");
}, 60_000);

test("without its version a run in flight ends, and says that the code has changed", async () => {
  await using app = await appWithRunOfVersion3();

  await app.restart([containDevice, holdIsolation]);
  await app.simulator.setOffline(MACHINE_ID, false);
  await app.passTime(hasEnded(app, "old"), FOUR_DAYS_MS);

  expect(await statusOf(app, "old")).toMatchObject({
    runtimeStatus: "Failed",
    output: expect.stringContaining("not deterministic"),
  });
}, 60_000);
