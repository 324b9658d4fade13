import { expect, test } from "vitest";
import { createRunControl } from "../../functions/run-control.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { keepLease } from "../../shared/leases/keep-lease.ts";
import { undoRunId } from "../../shared/runs/run-id.ts";
import { ALERT_ID, MACHINE_ID } from "../helpers/builders.ts";
import { CONTAINMENT_ID, DAY_MS, startContainments } from "../helpers/virtual-containment.ts";

const machineId = MachineId.parse(MACHINE_ID);
type Setup = Awaited<ReturnType<typeof startContainments>>;

async function containedFor(app: Setup, leaseHours: number) {
  await app.contain({ leaseHours });
  await app.passTime(async () => (await app.statusOf(CONTAINMENT_ID)) === "Completed", DAY_MS);
  expect(await app.isIsolated()).toBe(true);
  return app.leases.get(machineId);
}

const isEnded = (app: Setup) => async () => (await app.leases.get(machineId))?.state === "ended";

test("a device is released at the end of its isolation, and alert and ticket say both", async () => {
  await using app = await startContainments();

  const lease = await containedFor(app, 30);
  await app.passTime(isEnded(app), 2 * DAY_MS);
  await app.settle();

  expect(await app.isIsolated()).toBe(false);
  expect(app.hours()).toBeGreaterThanOrEqual(30);
  expect(app.hours()).toBeLessThan(31);
  const comments = await app.comments();
  expect(comments[0]).toContain(`Isolated. It is released at ${lease?.until} (UTC).`);
  expect(comments.at(-1)).toContain("Released, as the end of its isolation has come.");
  expect(app.notes.at(-1)).toBe("Released, as the end of its isolation has come.");
  expect(app.audit.filter(({ activity, event }) => activity === "releaseMachine" && event === "allowed")).toHaveLength(
    1,
  );
}, 60_000);

test("a device that a person wants released early is released then", async () => {
  await using app = await startContainments();

  await containedFor(app, 48);
  await app.leases.change(
    machineId,
    (before) =>
      before && { ...before, state: "releasing", reason: "Ana asked for it: clean", revision: before.revision + 1 },
  );
  await keepLease({ leases: app.leases, tenantId: "t-1", runs: createRunControl(app.client) }, machineId);
  await app.passTime(isEnded(app), DAY_MS);
  await app.settle();

  expect(await app.isIsolated()).toBe(false);
  expect(app.hours()).toBeLessThan(2);
  expect(app.notes.at(-1)).toBe("Released, as Ana asked for it: clean.");
}, 60_000);

test("whoever ends by force the run that holds an isolation leaves the device isolated; a new end is held again", async () => {
  await using app = await startContainments();

  const before = await containedFor(app, 10);
  await app.client.terminate(before?.holdRunId ?? "", "cancelled");
  await app.settle();
  await keepLease({ leases: app.leases, tenantId: "t-1", runs: createRunControl(app.client) }, machineId);
  const after = await app.leases.get(machineId);
  expect(after?.holdRunId).not.toBe(before?.holdRunId);
  expect(await app.isIsolated()).toBe(true);

  await app.passTime(isEnded(app), DAY_MS);
  expect(await app.isIsolated()).toBe(false);
}, 60_000);

test("an undo releases the device, says so on the ticket, and ends the isolation", async () => {
  await using app = await startContainments();

  await containedFor(app, 48);
  const undoId = undoRunId(CONTAINMENT_ID);
  await app.start("undo-run", undoId, { runId: CONTAINMENT_ID });
  await app.passTime(async () => (await app.statusOf(undoId)) === "Completed", DAY_MS);
  await app.settle();

  expect(await app.isIsolated()).toBe(false);
  expect(await app.outputOf(undoId)).toMatchObject({ outcome: "undone" });
  expect(app.notes.at(-1)).toBe("Undo, the last first: isolateMachine: undone.");
  const lease = await app.leases.get(machineId);
  expect(lease).toMatchObject({ state: "ended", ending: "Released by an undo" });
  expect(await app.statusOf(lease?.holdRunId ?? "")).toBe("Completed");
}, 60_000);

test("an isolation that somebody else asked for before is not undone with the run that found it", async () => {
  await using app = await startContainments();

  await app.contain({ leaseHours: 0 });
  await app.passTime(async () => (await app.statusOf(CONTAINMENT_ID)) === "Completed", DAY_MS);
  const second = `run-${"2".padStart(40, "0")}`;
  await app.start("contain-device", second, { machineId: MACHINE_ID, joinMinutes: 0, leaseHours: 0 });
  await app.passTime(async () => (await app.statusOf(second)) === "Completed", DAY_MS);
  await app.start("undo-run", undoRunId(second), { runId: second });
  await app.passTime(async () => (await app.statusOf(undoRunId(second))) === "Completed", DAY_MS);

  expect(await app.isIsolated()).toBe(true);
  expect(await app.outputOf(undoRunId(second))).toMatchObject({ words: "Nothing of this run can be taken back." });
}, 60_000);

test("a device that is isolated again for an alert that came after its release is released again", async () => {
  let closings = 0;
  const cases = (now: () => Date) => ({
    alertsOf: async (_: unknown, __: string, after: number) => (after < 1 ? [{ alertId: ALERT_ID, place: 1 }] : []),
    close: async () =>
      closings++ === 0 ? { isClosed: false, latestAt: now().toISOString() } : { isClosed: true as const },
  });
  await using app = await startContainments({}, (now) => ({ cases: cases(now) as never }));

  await app.contain({ leaseHours: 1, joinMinutes: 120 });
  await app.passTime(async () => closings === 1, DAY_MS);
  expect(await app.isIsolated()).toBe(false);
  await app.passTime(app.isIsolated, DAY_MS);
  const isolatedAt = app.hours();
  await app.passTime(async () => (await app.leases.get(machineId))?.state === "held", DAY_MS);
  await app.passTime(isEnded(app), DAY_MS);

  expect(await app.isIsolated()).toBe(false);
  expect(app.hours() - isolatedAt).toBeGreaterThanOrEqual(1);
  expect(app.hours() - isolatedAt).toBeLessThan(2);
}, 60_000);

test("a device that is contained anew while its release waits for it stays isolated for the new time", async () => {
  await using app = await startContainments();

  await containedFor(app, 1);
  await app.simulator.setOffline(MACHINE_ID);
  await app.passTime(async () => app.notes.some((note) => note.startsWith("Release is queued")), DAY_MS);
  const second = `run-${"2".padStart(40, "0")}`;
  await app.start("contain-device", second, { machineId: MACHINE_ID, joinMinutes: 0, leaseHours: 30 });
  await app.passTime(async () => (await app.leases.get(machineId))?.runId === second, DAY_MS);
  await app.simulator.setOffline(MACHINE_ID, false);
  await app.passTime(async () => (await app.statusOf(second)) === "Completed", DAY_MS);
  const from = app.hours();
  await app.passTime(async () => app.hours() - from > 20, DAY_MS);

  expect(await app.isIsolated()).toBe(true);
  expect(await app.leases.get(machineId)).toMatchObject({ runId: second, state: "held" });
  await app.passTime(isEnded(app), 2 * DAY_MS);
  expect(await app.isIsolated()).toBe(false);
}, 60_000);
