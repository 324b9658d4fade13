import { expect, test } from "vitest";
import { readRuns } from "../../functions/activities/read-runs.ts";
import { startBlockFile } from "../../functions/activities/start-block-file.ts";
import { startContainments } from "../../functions/activities/start-containments.ts";
import { blockFile } from "../../functions/playbooks/block-file.ts";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import { rowsInMemory } from "../../local/rows-in-memory.ts";
import { createTableCaseStore } from "../../shared/cases/table-case-store.ts";
import type { Mode } from "../../shared/mode.ts";
import { performUnderPolicy } from "../../shared/policy/perform-under-policy.ts";
import { Policy } from "../../shared/policy/policy.ts";
import type { RunControl, RunSight } from "../../shared/runs/run-control.ts";
import type { Services } from "../../shared/services.ts";
import type { LazyTable } from "../../shared/storage/lazy-table.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";

const OTHER_ID = "b".repeat(40);
const given = { isolationType: "Full", incidentId: "7", severity: "High" };

/** An app of which only runs and cases are of interest. */
function anApp() {
  const started = new Map<string, { playbook: string; input: unknown; mode: Mode | undefined }>();
  const sights = new Map<string, RunSight>();
  const stateOf = async (runId: string) => sights.get(runId)?.state ?? (started.has(runId) ? "under-way" : "absent");
  const runs = {
    startOnce: async (playbook: string, runId: string, input: unknown, { mode }: { mode?: Mode } = {}) => {
      if (started.has(runId)) return "duplicate";
      started.set(runId, { playbook, input, mode });
      return "started";
    },
    stateOf,
    look: async (runId: string) => sights.get(runId) ?? { state: "absent" },
  } as unknown as RunControl;
  const cases = createTableCaseStore(rowsInMemory() as LazyTable);
  const audit = { record: async () => {} };
  const services = {
    runs,
    cases,
    audit,
    tenantId: "t-1",
    policy: () => Policy.parse({ caps: { machinesPerHour: 3 } }),
  } as unknown as Services;
  const contain = (machineIds: string[], round = 1, mode: Mode = "act", more = {}, startedThisHour = 0) =>
    performUnderPolicy(
      startContainments,
      { machineIds, round, startedThisHour, with: { ...given, ...more } },
      services,
      {
        runId: "run-1",
        mode,
      },
    ) as Promise<{ runs: { machineId: string; runId: string; joined: boolean }[]; leftOut: string[] }>;
  /** Has intake contain the machine. */
  async function intake(isMild = false): Promise<string> {
    const key = { tenantId: "t-1", machineId: MACHINE_ID, playbook: "contain-device", mode: "act" } as never;
    const [joined] = await cases.join(key, [{ alertId: ALERT_ID as never }], { isMild, stateOf });
    sights.set(joined?.runId ?? "", { state: "under-way" });
    return joined?.runId ?? "";
  }
  return { started, sights, services, contain, intake };
}

test("contains each device by one run of its own, however often it is asked", async () => {
  const app = anApp();
  const first = await app.contain([MACHINE_ID, OTHER_ID]);

  expect(await app.contain([MACHINE_ID, OTHER_ID])).toEqual(first);
  expect([...app.started.keys()]).toEqual(first.runs.map(({ runId }) => runId));
  expect(first.runs).toMatchObject([
    { machineId: MACHINE_ID, joined: false },
    { machineId: OTHER_ID, joined: false },
  ]);
  for (const { playbook, input, mode } of app.started.values()) {
    expect({ playbook, mode }).toEqual({ playbook: "contain-device", mode: "act" });
    expect(containDevice.input.parse(input)).toMatchObject({ incidentId: "7", joinMinutes: 0 });
  }
});

test("tries a device again in a later wave by another run", async () => {
  const app = anApp();
  await app.contain([MACHINE_ID], 1);
  await app.contain([MACHINE_ID], 2);

  expect(app.started.size).toBe(2);
});

test("leaves a device that intake is containing to that run, and contains it anew once that run is over", async () => {
  const app = anApp();
  const runId = await app.intake();

  expect(await app.contain([MACHINE_ID])).toEqual({
    runs: [{ machineId: MACHINE_ID, runId, joined: true }],
    leftOut: [],
  });
  expect(app.started.size).toBe(0);

  app.sights.set(runId, { state: "ended" });
  expect((await app.contain([MACHINE_ID])).runs).toMatchObject([{ joined: false }]);
});

test("leaves out what would reach the cap of the tenant, which would open the circuit breaker for all", async () => {
  const app = anApp();
  const { runs, leftOut } = await app.contain([MACHINE_ID, OTHER_ID], 2, "act", {}, 2);

  expect(runs).toMatchObject([{ machineId: MACHINE_ID }]);
  expect(leftOut).toEqual([OTHER_ID]);
  expect(app.started.size).toBe(1);
});

test("joins no run that takes less from the device than is asked for", async () => {
  const app = anApp();
  await app.intake(true);

  expect((await app.contain([MACHINE_ID])).runs).toMatchObject([{ joined: false }]);
  const mild = await app.contain([MACHINE_ID], 1, "act", { isolationType: "Selective" });
  expect(mild.runs).toMatchObject([{ joined: true }]);
});

test("passes on that people are to be asked, and starts nothing where it only pretends", async () => {
  const app = anApp();
  await app.contain([MACHINE_ID], 1, "ask");
  expect([...app.started.values()].map(({ mode }) => mode)).toEqual(["ask"]);

  expect(await app.contain([OTHER_ID], 1, "shadow")).toEqual({ runs: [] });
  expect(app.started.size).toBe(1);
});

test("has a file blocked by one run that quarantines on no device", async () => {
  const app = anApp();
  const block = () =>
    performUnderPolicy(startBlockFile, { hash: "ab".repeat(32), severity: "High" }, app.services, { runId: "run-1" });

  expect(await block()).toEqual(await block());
  const [started] = app.started.values();
  expect(started?.playbook).toBe("block-file");
  expect(blockFile.input.parse(started?.input)).toMatchObject({ mostMachines: 0 });
});

test("reads where runs stand in their own words, or only those that are over", async () => {
  const app = anApp();
  app.sights.set("r1", { state: "under-way", progress: "queued, device offline" });
  app.sights.set("r2", { state: "ended", progress: "Isolated", outcome: { outcome: "isolated", words: "Isolated" } });
  app.sights.set("r3", { state: "ended" });
  const read = (onlyEnded: boolean) =>
    performUnderPolicy(readRuns, { runIds: ["r1", "r2", "r3"], onlyEnded }, app.services, { runId: "run-1" });

  const over = [
    { runId: "r2", state: "ended", words: "Isolated", outcome: "isolated" },
    { runId: "r3", state: "ended" },
  ];
  expect(await read(true)).toEqual({ runs: over });
  expect(await read(false)).toEqual({
    runs: [{ runId: "r1", state: "under-way", words: "queued, device offline" }, ...over],
  });
});
