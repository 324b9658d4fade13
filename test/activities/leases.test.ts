import { expect, test } from "vitest";
import { extendLease } from "../../functions/activities/extend-lease.ts";
import { settleLease } from "../../functions/activities/settle-lease.ts";
import { startLease } from "../../functions/activities/start-lease.ts";
import { rowsInMemory } from "../../local/rows-in-memory.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { holdUnheld, lookAtEndless } from "../../shared/leases/keep-lease.ts";
import type { Lease } from "../../shared/leases/lease.ts";
import { createTableLeaseStore } from "../../shared/leases/lease-store.ts";
import { Policy } from "../../shared/policy/policy.ts";
import type { Services } from "../../shared/services.ts";
import { MACHINE_ID } from "../helpers/builders.ts";

const machineId = MachineId.parse(MACHINE_ID);
const HOUR_MS = 3_600_000;
const startedAt = Date.parse("2026-01-05T09:00:00Z");
const inHours = (hours: number) => new Date(startedAt + hours * HOUR_MS).toISOString();

/** One machine, with leases as a policy says, in a time of the test. */
function aMachine(bounds: object = {}) {
  let now = startedAt;
  const leases = createTableLeaseStore(rowsInMemory(), "t-1", () => now);
  const held: unknown[] = [];
  let holdState = "under-way";
  const services = {
    ...{ leases, tenantId: "t-1", policy: () => Policy.parse({ leases: bounds }) },
    runs: {
      startOnce: async (...about: unknown[]) => void held.push(about),
      tell: async () => undefined,
      stateOf: async () => holdState,
    },
  } as unknown as Services;
  const asking = (runId: string) => ({ runId, playbook: "contain-device", tenantId: "t-9" });
  return {
    held,
    atHour: (hours: number) => {
      now = startedAt + hours * HOUR_MS;
    },
    holdIs: (state: "absent" | "ended") => {
      holdState = state;
    },
    lease: async () => (await leases.get(machineId)) as Lease,
    change: (changes: Partial<Lease>) => leases.change(machineId, (before) => before && { ...before, ...changes }),
    start: (runId: string, input: object = {}) =>
      startLease.perform(startLease.input.parse({ machineId, ...input }), services, asking(runId)),
    look: () => lookAtEndless(services),
    lookAfter: () => holdUnheld(services),
    extend: () => extendLease.perform({ machineId }, services, asking("run-1")),
    settle: (input: object) =>
      settleLease.perform(settleLease.input.parse({ machineId, ...input }), services, asking("run-9")),
  };
}

test("further alerts leave an isolation so long as the policy says, and never shorten it", async () => {
  const machine = aMachine({ extendMinutes: 120 });
  await machine.start("run-1", { hours: 4 });
  expect(await machine.extend()).toEqual({ until: inHours(4) });
  machine.atHour(3);
  expect(await machine.extend()).toEqual({ until: inHours(5) });
  expect(await machine.extend()).toEqual({ until: inHours(5) });
});

test("further alerts extend no isolation beyond the most hours", async () => {
  const machine = aMachine({ extendMinutes: 120, mostHours: 6 });
  await machine.start("run-1", { hours: 5 });
  machine.atHour(4.9);
  expect(await machine.extend()).toEqual({ until: inHours(6) });
  machine.atHour(5.9);
  expect(await machine.extend()).toEqual({ until: inHours(6) });
});

test("further alerts extend nothing that has no end, is being released, or is not to be extended", async () => {
  const endless = aMachine({ extendMinutes: 120 });
  await endless.start("run-1", { hours: 0 });
  expect(await endless.extend()).toEqual({ until: null });

  const releasing = aMachine({ extendMinutes: 120 });
  await releasing.start("run-1", { hours: 1 });
  await releasing.change({ state: "releasing" });
  expect(await releasing.extend()).toEqual({ until: null, isHeld: false });

  const fixed = aMachine();
  await fixed.start("run-1", { hours: 1 });
  expect(await fixed.extend()).toEqual({ until: inHours(1) });

  expect(await aMachine({ extendMinutes: 120 }).extend()).toEqual({ until: null, isHeld: false });
});

test("a lease knows whose case has the alerts that joined; one without an end is held by nobody until it is looked at", async () => {
  const machine = aMachine();
  await machine.start("run-1", { hours: 0, alertId: "da1_1" });
  expect(await machine.lease()).toMatchObject({
    ...{ runId: "run-1", alertId: "da1_1", ofCase: { tenantId: "t-9", playbook: "contain-device" } },
  });
  expect(machine.held).toEqual([]);

  expect(await machine.look()).toBe(1);
  expect(machine.held).toEqual([["hold-isolation", (await machine.lease()).holdRunId, { tenantId: "t-1", machineId }]]);
  expect(await machine.look()).toBe(0);
  await machine.change({ holdRunId: undefined, until: inHours(4) } as Partial<Lease>);
  expect(await machine.look()).toBe(0);
});

test("a run that finds the machine isolated by another shares it once, with the later of both ends", async () => {
  const machine = aMachine();
  await machine.start("run-1", { hours: 8, alertId: "da1_1" });
  await machine.start("run-2", { hours: 4, alertId: "da2_1" });
  await machine.start("run-2", { hours: 4, alertId: "da2_1" });
  await machine.start("run-3", { hours: 12 });

  expect(await machine.lease()).toMatchObject({ runId: "run-1", until: inHours(12) });
  expect((await machine.lease()).sharedWith).toEqual([{ runId: "run-2", alertId: "da2_1" }, { runId: "run-3" }]);
});

test("where a machine was away for one run and is isolated by another, the first one still hears of it", async () => {
  const machine = aMachine();
  await machine.start("run-1", { hours: 8, alertId: "da1_1", isQueued: true });
  expect(machine.held).toEqual([]);
  await machine.start("run-2", { hours: 4, alertId: "da2_1" });
  expect(await machine.lease()).toMatchObject({ runId: "run-2", state: "held", sharedWith: [{ runId: "run-1" }] });

  await machine.start("run-1", { hours: 8, alertId: "da1_1" });
  expect((await machine.lease()).sharedWith).toEqual([{ runId: "run-1", alertId: "da1_1" }]);
});

test("the lease of a new isolation has nothing of the one that is over", async () => {
  const machine = aMachine();
  await machine.start("run-1", { hours: 8, alertId: "da1_1" });
  await machine.start("run-2", { hours: 8 });
  expect(await machine.settle({ to: "ended", ending: "Released", ofRun: "run-1" })).toEqual({ settled: true });
  await machine.start("run-3");
  expect(await machine.lease()).toMatchObject({ runId: "run-3", state: "held" });
  expect(await machine.lease()).not.toHaveProperty("sharedWith");
  expect(await machine.lease()).not.toHaveProperty("alertId");
});

test("an isolation that is over is not said to end at a time that has passed", async () => {
  const machine = aMachine({ extendMinutes: 120 });
  await machine.start("run-1", { hours: 1 });
  await machine.settle({ to: "ended", ending: "Released", ofRun: "run-1" });
  machine.atHour(3);
  expect(await machine.extend()).toEqual({ until: null, isHeld: false });
});

test("a machine that is contained anew while it is being released is held anew, and who releases it lets go", async () => {
  for (const isQueued of [false, true]) {
    const machine = aMachine();
    await machine.start("run-1", { hours: 8, alertId: "da1_1" });
    const before = await machine.lease();
    await machine.change({ state: "releasing", releasingSince: inHours(8) });
    machine.atHour(9);
    await machine.start("run-2", { hours: 4, askedAt: inHours(8.5), isQueued });

    const after = await machine.lease();
    expect(after).toMatchObject({ runId: "run-2", state: isQueued ? "queued" : "held" });
    expect(after.until).toBe(isQueued ? undefined : inHours(13));
    expect(after.holdRunId).not.toBe(before.holdRunId);
    expect(after.sharedWith).toEqual([{ runId: "run-1", alertId: "da1_1" }]);
  }
});

test("a run that wanted the machine isolated before its release began does not keep it from being released", async () => {
  const machine = aMachine();
  await machine.start("run-1", { hours: 8, askedAt: inHours(0) });
  await machine.change({ state: "releasing", releasingSince: inHours(2) });
  machine.atHour(3);
  await machine.start("run-1", { hours: 8, askedAt: inHours(0) });
  await machine.start("run-2", { hours: 8, askedAt: inHours(1) });
  await machine.start("run-3", { hours: 8 });
  expect(await machine.lease()).toMatchObject({ runId: "run-1", state: "releasing" });
});

test("an end that nobody sees to, as the app stopped between two writes, is seen to the next night", async () => {
  const noted = aMachine();
  await noted.start("run-1", { hours: 0 });
  await noted.change({ until: inHours(4) });
  expect(await noted.lookAfter()).toBe(1);
  expect(noted.held).toEqual([["hold-isolation", (await noted.lease()).holdRunId, { tenantId: "t-1", machineId }]]);
  expect(await noted.lookAfter()).toBe(0);

  const released = aMachine();
  await released.start("run-1", { hours: 4 });
  released.held.length = 0;
  released.holdIs("absent");
  expect(await released.lookAfter()).toBe(1);
  expect(released.held).toMatchObject([["hold-isolation", (await released.lease()).holdRunId, { machineId }]]);
});

test("a run that was cancelled is not started anew at night", async () => {
  const machine = aMachine();
  await machine.start("run-1", { hours: 4 });
  machine.holdIs("ended");
  expect(await machine.lookAfter()).toBe(0);
  expect(machine.held).toHaveLength(1);
});

test("an isolation without an end is looked at the next night also where a look at it was cut short", async () => {
  for (const state of ["absent", "ended"] as const) {
    const machine = aMachine();
    await machine.start("run-1", { hours: 0 });
    await machine.look();
    const { holdRunId } = await machine.lease();
    machine.holdIs(state);
    expect(await machine.look()).toBe(1);
    expect((await machine.lease()).holdRunId).not.toBe(holdRunId);
    expect(machine.held).toHaveLength(2);
  }
});
