import { expect, test } from "vitest";
import { isolateMachine } from "../../functions/activities/isolate-machine.ts";
import { releaseMachine } from "../../functions/activities/release-machine.ts";
import { MACHINE_ID } from "../helpers/builders.ts";
import { simulatedDefender } from "../helpers/defender.ts";

const isolation = { machineId: MACHINE_ID, isolationType: "Full", comment: "Full isolation for alert da1_1" };
const input = { machineId: MACHINE_ID, comment: "Checked and clean" };
const releases = { method: "POST", path: "/api/machines/*/unisolate" };
const isolations = { method: "POST", path: "/api/machines/*/isolate" };
const cancellations = { method: "POST", path: "/api/machineactions/*/cancel" };
const atOnce = { actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } };

type Defender = Awaited<ReturnType<typeof simulatedDefender>>;

const isolationNow = async ({ simulator }: Defender) => (await simulator.machine(MACHINE_ID)).isolation;
const idOf = (action: unknown) => (action as { id: string }).id;

test("releases an isolated machine, with the run in the comment", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.perform(isolateMachine, isolation, "run-other");

  expect(await defender.perform(releaseMachine, input)).toMatchObject({ type: "Unisolate" });
  expect(await isolationNow(defender)).toBeNull();
  expect(await defender.simulator.journal(releases)).toMatchObject([
    { status: 201, body: { Comment: "[run-1] Checked and clean" } },
  ]);
});

test("adopts its own release when the step runs again, even after it has ended", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.perform(isolateMachine, isolation, "run-other");

  const first = await defender.perform(releaseMachine, input);
  expect(idOf(await defender.perform(releaseMachine, input))).toBe(idOf(first));
  expect(await defender.simulator.journal(releases)).toHaveLength(1);
});

test("adopts its own release when the answer to the first request was lost", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.perform(isolateMachine, isolation, "run-other");
  await defender.simulator.fault({ ...releases, effect: "drop", performed: true });

  await expect(defender.perform(releaseMachine, input)).rejects.toThrow(/got no response/);
  expect(await defender.perform(releaseMachine, input)).toMatchObject({ type: "Unisolate" });
  expect(await defender.simulator.journal(releases)).toHaveLength(1);
});

test("adopts a release that another run has under way", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.perform(isolateMachine, isolation, "run-other");
  await defender.simulator.setOffline(MACHINE_ID);
  const theirs = await defender.perform(releaseMachine, input, "run-other");

  expect(idOf(await defender.perform(releaseMachine, input))).toBe(idOf(theirs));
});

test("cancels an isolation that has not begun instead of letting it come after the release", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const pending = await defender.perform(isolateMachine, isolation, "run-other");

  const released = await defender.perform(releaseMachine, input);
  expect(released).toMatchObject({ id: idOf(pending), type: "Isolate", status: "Cancelled" });
  expect(await defender.simulator.journal(releases)).toEqual([]);

  await defender.simulator.setOffline(MACHINE_ID, false);
  expect(await isolationNow(defender)).toBeNull();
});

test("leaves no machine isolated that takes its requests up in any order", async () => {
  await using defender = await simulatedDefender({ ...atOnce, competingActions: "independent" });
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.perform(isolateMachine, { ...isolation, isolationType: "Selective" }, "run-other");
  await defender.simulator.advanceClock(1_000);
  await defender.simulator.setOffline(MACHINE_ID);
  await defender.perform(isolateMachine, isolation, "run-other-2");
  await defender.perform(releaseMachine, input);

  await defender.simulator.settings({ actionDelaysByType: { Isolate: { inProgressAfterMs: 0, finalAfterMs: 9_000 } } });
  await defender.simulator.setOffline(MACHINE_ID, false);
  await defender.simulator.advanceClock(10_000);
  expect(await isolationNow(defender)).toBeNull();
});

test("gives back the cancelled isolation when the answer to the cancellation was lost", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const pending = await defender.perform(isolateMachine, isolation);
  await defender.simulator.fault({ ...cancellations, effect: "drop", performed: true });

  await expect(defender.perform(releaseMachine, input)).rejects.toThrow(/got no response/);
  expect(await defender.perform(releaseMachine, input)).toMatchObject({ id: idOf(pending), status: "Cancelled" });
  expect(await defender.simulator.journal(cancellations)).toHaveLength(1);
  expect(await defender.simulator.journal(releases)).toEqual([]);
});

test("releases also from an earlier isolation in force beside the one it cancels", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.perform(isolateMachine, { ...isolation, isolationType: "Selective" }, "run-other");
  await defender.simulator.setOffline(MACHINE_ID);
  await defender.simulator.advanceClock(1_000);
  await defender.perform(isolateMachine, isolation, "run-other-2");

  expect(await defender.perform(releaseMachine, input)).toMatchObject({ type: "Unisolate", status: "Pending" });
  expect(await defender.simulator.journal(cancellations)).toHaveLength(1);
  await defender.simulator.setOffline(MACHINE_ID, false);
  expect(await isolationNow(defender)).toBeNull();
});

test("waits for an isolation that is being carried out", async () => {
  await using defender = await simulatedDefender({ actionDelays: { inProgressAfterMs: 0, finalAfterMs: 60_000 } });
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.perform(isolateMachine, isolation, "run-other");

  await expect(defender.perform(releaseMachine, input)).rejects.toThrow(
    /isolation .* is InProgress; it can be undone when that has ended/,
  );
  expect(await defender.simulator.journal(releases)).toEqual([]);

  await defender.simulator.advanceClock(61_000);
  expect(await defender.perform(releaseMachine, input)).toMatchObject({ type: "Unisolate" });
});

test("looks again when the isolation begins while it is being cancelled", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  await defender.perform(isolateMachine, isolation, "run-other");
  await defender.simulator.fault({ ...cancellations, effect: "answer", status: 400, code: "BadRequest" });

  // A plain error, so that the step is tried again.
  const error = await defender.perform(releaseMachine, input).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "MustWaitError", message: expect.stringContaining("changed meanwhile") });
});

test("a run isolates again after its own release, and releases again after that", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const seen: (string | null)[] = [];
  for (const [activity, given] of [
    [isolateMachine, isolation],
    [releaseMachine, input],
    [isolateMachine, isolation],
    [releaseMachine, input],
  ] as const) {
    await defender.perform(activity, given);
    await defender.perform(activity, given);
    seen.push(await isolationNow(defender));
    await defender.simulator.advanceClock(1_000);
  }

  expect(seen).toEqual(["Full", null, "Full", null]);
  expect(await defender.simulator.journal(isolations)).toHaveLength(2);
  expect(await defender.simulator.journal(releases)).toHaveLength(2);
});

test("a run isolates anew what it cancelled before it began", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const first = await defender.perform(isolateMachine, isolation);
  await defender.perform(releaseMachine, input);
  await defender.simulator.advanceClock(1_000);

  const second = await defender.perform(isolateMachine, isolation);
  expect(idOf(second)).not.toBe(idOf(first));
  expect(second).toMatchObject({ status: "Pending" });
});

test("releases critical assets too", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID, machineTags: ["Critical-Asset"] });

  expect(await defender.perform(releaseMachine, input)).toMatchObject({ type: "Unisolate" });
  expect(defender.auditTrail.map(({ event }) => event)).toEqual(["allowed", "done"]);
});
