import { expect, test } from "vitest";
import { collectInvestigationPackage } from "../../../functions/activities/collect-investigation-package.ts";
import { createAlert } from "../../../functions/activities/create-alert.ts";
import { isolateMachine } from "../../../functions/activities/isolate-machine.ts";
import { releaseMachine } from "../../../functions/activities/release-machine.ts";
import { setDeviceValue } from "../../../functions/activities/set-device-value.ts";
import { submitIndicator } from "../../../functions/activities/submit-indicator.ts";
import { tagMachine } from "../../../functions/activities/tag-machine.ts";
import { untagMachine } from "../../../functions/activities/untag-machine.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { turnedOff, turnedOn } from "../../../shared/policy/kill-switch.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

const machineId = MachineId.parse(MACHINE_ID);
const machineIdOf = (index: number): string => index.toString(16).padStart(40, "0");
const about = (machineId = MACHINE_ID) => ({ machineId, comment: "test" });
const isolation = (machineId = MACHINE_ID) => ({ ...about(machineId), isolationType: "Full" });
const indicator = {
  indicatorValue: "203.0.113.7",
  indicatorType: "IpAddress",
  action: "Block",
  title: "Known bad",
  description: "test",
};
const asked = { by: "ada", reason: "wrong rule", at: "2026-01-05T09:00:00Z" };
const atOnce = { actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } };

type Defender = Awaited<ReturnType<typeof simulatedDefender>>;
const writes = async ({ simulator }: Defender) =>
  (await simulator.journal({ path: "/api/*" })).filter(({ method }) => method !== "GET");

test("with the kill switch on nothing is written to Defender, and each step says so on record; afterwards it is", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.policyState.changeKillSwitch((now) => turnedOn(now, asked));
  const steps = [
    [isolateMachine, isolation()],
    [releaseMachine, about()],
    [collectInvestigationPackage, about()],
    [submitIndicator, indicator],
    [tagMachine, { machineId: MACHINE_ID, tag: "seen" }],
  ] as const;

  for (const [activity, input] of steps) {
    await expect(defender.perform(activity, input)).rejects.toMatchObject({
      code: "KillSwitch",
      message: expect.stringContaining("turned on by ada: wrong rule"),
    });
  }
  expect(await writes(defender)).toEqual([]);
  expect(defender.auditTrail).toMatchObject(
    steps.map(([{ name }]) => ({ activity: name, event: "denied", code: "KillSwitch" })),
  );

  await defender.policyState.changeKillSwitch((now) => turnedOff(now, asked));
  await defender.perform(submitIndicator, indicator);
  expect(await writes(defender)).toHaveLength(1);
});

test("what a person must decide is refused, with the reason on record", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  defender.setPolicy({ rules: [{ activity: "isolateMachine", restriction: "ask" }] });

  await expect(defender.perform(isolateMachine, isolation())).rejects.toMatchObject({ code: "NeedsApproval" });
  expect(await writes(defender)).toEqual([]);
  expect(defender.auditTrail).toMatchObject([
    { event: "denied", code: "NeedsApproval", reason: expect.stringContaining("a person must decide") },
  ]);
});

test("what is only pretended does not reach Defender", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  defender.setPolicy({ shadow: { everything: true } });

  await defender.perform(isolateMachine, isolation()).catch(() => undefined);
  await defender.perform(submitIndicator, indicator).catch(() => undefined);
  expect(await writes(defender)).toEqual([]);
});

test("a change of the policy counts from the next step on", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, osPlatform: "WindowsServer2022" });
  defender.setPolicy({ criticalAssets: { os: ["WindowsServer*"] } });
  await expect(defender.perform(isolateMachine, isolation())).rejects.toMatchObject({ code: "PolicyDenied" });

  defender.setPolicy({});
  expect(await defender.perform(isolateMachine, isolation())).toMatchObject({ type: "Isolate" });
});

test("the cap refuses one machine more and opens the breaker; what is contained is still released", async () => {
  await using defender = await simulatedDefender();
  for (const index of [1, 2, 3]) await defender.simulator.addMachine({ id: machineIdOf(index) });
  defender.setPolicy({ caps: { machinesPerHour: 2 } });
  const isolate = (index: number, run = "run-1") =>
    defender.perform(isolateMachine, isolation(machineIdOf(index)), run);

  await isolate(1);
  await isolate(1);
  await isolate(2, "run-2");
  await expect(isolate(3)).rejects.toMatchObject({ code: "CapReached" });
  await expect(isolate(2)).rejects.toMatchObject({
    code: "CircuitBreakerOpen",
    message: expect.stringContaining("no more than 2 machines may be contained"),
  });
  expect(await writes(defender)).toHaveLength(2);
  expect(defender.auditTrail).toContainEqual(
    expect.objectContaining({ activity: "circuitBreaker", reason: expect.stringMatching(/^opened: /) }),
  );
  expect(defender.started).toEqual([
    { playbook: "tell-people", input: expect.objectContaining({ event: "circuitBreakerOpened", severity: "High" }) },
  ]);
  expect(await defender.perform(releaseMachine, about(machineIdOf(1)), "run-3")).toMatchObject({ status: "Cancelled" });
});

test("the cap of a device group refuses one machine more of it, and none of another group", async () => {
  await using defender = await simulatedDefender();
  for (const index of [1, 2]) await defender.simulator.addMachine({ id: machineIdOf(index), rbacGroupName: "Office" });
  await defender.simulator.addMachine({ id: machineIdOf(3), rbacGroupName: "Factory" });
  defender.setPolicy({ caps: { machinesPerHourInDeviceGroup: 1 } });
  const isolate = (index: number) => defender.perform(isolateMachine, isolation(machineIdOf(index)));

  await isolate(1);
  await expect(isolate(2)).rejects.toMatchObject({ code: "GroupCapReached" });
  expect(await isolate(3)).toMatchObject({ type: "Isolate" });
  expect((await defender.policyState.read()).breaker.isOpen).toBe(false);
});

test("a containment that Defender refuses gives its place back", async () => {
  await using defender = await simulatedDefender();
  for (const index of [1, 2]) await defender.simulator.addMachine({ id: machineIdOf(index) });
  defender.setPolicy({ caps: { machinesPerHour: 1 } });
  const path = "/api/machines/*/isolate";
  await defender.simulator.fault({
    method: "POST",
    path,
    effect: "answer",
    status: 400,
    code: "OsPlatformNotSupported",
  });

  const refused = defender.perform(isolateMachine, isolation(machineIdOf(1)));
  await expect(refused).rejects.toMatchObject({ code: "OsPlatformNotSupported" });
  expect(await defender.perform(isolateMachine, isolation(machineIdOf(2)))).toMatchObject({ type: "Isolate" });
});

test("a containment of which nobody knows whether it came to be keeps its place", async () => {
  await using defender = await simulatedDefender();
  for (const index of [1, 2]) await defender.simulator.addMachine({ id: machineIdOf(index) });
  defender.setPolicy({ caps: { machinesPerHour: 1 } });
  await defender.simulator.fault({ method: "POST", path: "/api/machines/*/isolate", effect: "drop", performed: true });

  await expect(defender.perform(isolateMachine, isolation(machineIdOf(1)))).rejects.toThrow(/got no response/);
  await expect(defender.perform(isolateMachine, isolation(machineIdOf(2)))).rejects.toMatchObject({
    code: "CapReached",
  });
  expect((await defender.policyState.read()).breaker.failures).toEqual([]);
});

test("machines on which Defender refuses a containment one after the other open the breaker", async () => {
  await using defender = await simulatedDefender();
  for (const index of [1, 2, 3]) await defender.simulator.addMachine({ id: machineIdOf(index) });
  defender.setPolicy({ circuitBreaker: { failedMachines: 2 } });
  const path = "/api/machines/*/isolate";
  await defender.simulator.fault({
    method: "POST",
    path,
    effect: "answer",
    status: 400,
    code: "OsPlatformNotSupported",
    times: 3,
  });

  for (const index of [1, 1, 2]) {
    await expect(defender.perform(isolateMachine, isolation(machineIdOf(index)))).rejects.toThrow();
  }
  await expect(defender.perform(isolateMachine, isolation(machineIdOf(3)))).rejects.toMatchObject({
    code: "CircuitBreakerOpen",
  });
});

test("what is written to Defender about no machine is on record, and read access is not", async () => {
  await using defender = await simulatedDefender();
  await defender.perform(submitIndicator, indicator);

  expect(defender.auditTrail).toMatchObject([{ activity: "submitIndicator", effect: "write", event: "done" }]);
  expect(defender.auditTrail[0]).not.toHaveProperty("machineId");
});

test("what an activity says that it changes is on record", async () => {
  await using defender = await simulatedDefender();
  const named = { ...submitIndicator, target: () => indicator.indicatorValue };
  await defender.perform(named, indicator);

  expect(defender.auditTrail).toMatchObject([{ target: "203.0.113.7", event: "done" }]);
});

test("no run takes away the device value that protects a machine", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, deviceValue: "High" });
  const value = (deviceValue: string) => defender.perform(setDeviceValue, { machineId, deviceValue });
  defender.setPolicy({ criticalAssets: { deviceValues: ["High"] } });

  await expect(value("Low")).rejects.toMatchObject({ code: "PolicyDenied" });
  expect(await value("High")).toEqual({ deviceValue: "High" });
  defender.setPolicy({});
  expect(await value("Low")).toEqual({ deviceValue: "Low" });
});

test("in shadow a run hears of what would protect the machine, too, and nothing is read as done", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, deviceValue: "High", machineTags: ["crown jewel"] });
  const criticalAssets = { deviceValues: ["High" as const], tags: ["Crown Jewel"] };
  defender.setPolicy({ shadow: { everything: true }, criticalAssets });
  const protection = expect.stringMatching(/protects .*only a person/);

  const lowered = defender.perform(setDeviceValue, { machineId, deviceValue: "Low" });
  await expect(lowered).rejects.toMatchObject({ code: "PolicyDenied", message: protection });
  const untagged = defender.perform(untagMachine, { machineId, tag: "crown jewel" });
  await expect(untagged).rejects.toMatchObject({ code: "PolicyDenied", message: protection });
  expect(defender.auditTrail).toMatchObject([
    { activity: "setDeviceValue", event: "denied", reason: protection },
    { activity: "untagMachine", event: "denied", target: `tag crown jewel of machine ${MACHINE_ID}` },
  ]);
});

test("an alert that starts an investigation is judged as what it does to the machine", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  defender.setPolicy({ rules: [{ effect: "collect", restriction: "deny" }] });
  const alert = {
    ...{ machineId: MACHINE_ID, eventTime: "2026-01-05T09:00:00.1234567Z", reportId: "7", severity: "High" },
    ...{ title: "t", description: "d", recommendedAction: "r", category: "Malware" },
  };

  await expect(defender.perform(createAlert, alert)).rejects.toMatchObject({ code: "PolicyDenied" });
  expect(defender.auditTrail).toMatchObject([{ activity: "createAlert", machineId: MACHINE_ID, event: "denied" }]);
});

test("what somebody else has isolated is not released by a run, unless the policy allows it", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const { machineActions } = defender.defender;
  const { id } = await machineActions.isolate(machineId, {
    isolationType: "Full",
    comment: "Ada: do not touch",
  });

  await expect(defender.perform(releaseMachine, about())).rejects.toMatchObject({
    code: "NeedsApproval",
    message: expect.stringContaining(`The isolation ${id} was asked for by`),
  });
  // That a run isolates it as well, by adopting what is in force, does not make it the app's.
  expect(await defender.perform(isolateMachine, isolation())).toMatchObject({ id });
  await expect(defender.perform(releaseMachine, about())).rejects.toMatchObject({ code: "NeedsApproval" });
  expect((await writes(defender)).map(({ path }) => path.split("/").at(-1))).toEqual(["isolate"]);

  defender.setPolicy({ releaseOthers: "allow" });
  expect(await defender.perform(releaseMachine, about())).toMatchObject({ type: "Unisolate" });
});

test("what is in force from this app is released, also by another run, and after somebody else's ended", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const { machineActions } = defender.defender;
  await machineActions.isolate(machineId, { isolationType: "Full", comment: "Ada" });
  await machineActions.release(machineId, { comment: "Ada" });

  await defender.perform(isolateMachine, isolation(), "run-1");
  expect(await defender.perform(releaseMachine, about(), "run-2")).toMatchObject({ type: "Unisolate" });
});
