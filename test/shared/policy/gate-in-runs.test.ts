import { expect, test } from "vitest";
import { z } from "zod";
import { isolateMachine } from "../../../functions/activities/isolate-machine.ts";
import { cancelPendingContainments } from "../../../functions/playbooks/cancel-pending-containments.ts";
import { followMachineAction } from "../../../functions/playbooks/follow-machine-action.ts";
import { createRunControl } from "../../../functions/run-control.ts";
import { policyStateInMemory, startVirtualApp, type VirtualApp } from "../../../local/virtual-app.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { definePlaybook } from "../../../shared/playbook.ts";
import { turnedOff, turnedOn } from "../../../shared/policy/kill-switch.ts";
import { Policy } from "../../../shared/policy/policy.ts";
import { killSwitchRunId, requestedRunId } from "../../../shared/runs/run-id.ts";

const HOUR = 3_600_000;
const machineIdOf = (index: number): string => (index + 1).toString(16).padStart(40, "0");
const runIdOf = (index: number): string => requestedRunId("isolate", String(index));

const isolate = definePlaybook({
  ...{ name: "isolate", version: 1, summary: "Isolates a machine and follows that to its end." },
  input: z.object({ machineId: MachineId }),
  *steps(run, { machineId }) {
    const asked = yield* run.step(isolateMachine, { machineId, isolationType: "Full", comment: "outbreak" });
    return (yield* followMachineAction(run, asked, { days: 3, hours: 2 })).status;
  },
});

async function addMachines({ simulator }: VirtualApp, count: number, behaviour: object = {}) {
  for (let index = 0; index < count; index++) await simulator.addMachine({ id: machineIdOf(index), ...behaviour });
}

const start = ({ client }: VirtualApp, index: number) =>
  client.startNew(isolate.name, { instanceId: runIdOf(index), input: { machineId: machineIdOf(index) } });

const statusOf = async ({ client }: VirtualApp, runId: string) => (await client.getStatus(runId)).runtimeStatus;

async function isOver(app: VirtualApp, runId: string): Promise<boolean> {
  return ["Completed", "Failed"].includes(await statusOf(app, runId));
}

const writes = async ({ simulator }: VirtualApp) =>
  (await simulator.journal({ path: "/api/*" })).filter(({ method }) => method !== "GET");

const turningOn = { by: "ada", reason: "wrong rule", at: "2026-01-05T09:00:00Z" };

/** As the HTTP request does: first the switch, then the run that it lets through. */
async function turnOn(app: VirtualApp, state: ReturnType<typeof policyStateInMemory>): Promise<string> {
  const runId = killSwitchRunId("t-1", turningOn.at);
  await state.changeKillSwitch((now) => turnedOn(now, turningOn, runId));
  await createRunControl(app.client).startOnce(cancelPendingContainments.name, runId, {});
  return runId;
}

test("once the kill switch is on no run writes to Defender any more, neither one that waits for its turn nor a new one", async () => {
  const policyState = policyStateInMemory();
  await using app = await startVirtualApp([isolate], { services: { policyState } });
  await addMachines(app, 130);
  for (let index = 0; index < 120; index++) await start(app, index);
  // A hundred have asked; the others wait for the limit of the next minute.
  await app.passTime(async () => (await writes(app)).length >= 100, HOUR);

  await policyState.changeKillSwitch((now) => turnedOn(now, turningOn));
  expect(await writes(app)).toHaveLength(100);
  for (let index = 120; index < 130; index++) await start(app, index);
  const runs = Array.from({ length: 130 }, (_, index) => runIdOf(index));
  await app.passTime(async () => (await Promise.all(runs.map((id) => isOver(app, id)))).every(Boolean), 4 * HOUR);

  expect(await writes(app)).toHaveLength(100);
  expect(app.audit.filter(({ code }) => code === "KillSwitch")).toHaveLength(30);
});

test("the switch takes back what the app asked for and has not begun, through itself, and nothing of others", async () => {
  const policyState = policyStateInMemory();
  await using app = await startVirtualApp([isolate, cancelPendingContainments], { services: { policyState } });
  await addMachines(app, 4, { offline: true });
  for (const index of [0, 1, 2]) await start(app, index);
  await app.passTime(async () => (await writes(app)).length === 3, HOUR);
  const theirs = `/api/machines/${machineIdOf(3)}/isolate`;
  await fetch(app.defender.apiUrl + theirs, {
    method: "POST",
    headers: {
      authorization: `Bearer ${app.defender.issueToken({ audience: "https://api.securitycenter.microsoft.com" })}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ Comment: "Ada: do not touch", IsolationType: "Full" }),
  });

  const cancelRun = await turnOn(app, policyState);
  await app.passTime(() => isOver(app, cancelRun), HOUR);

  const { machineActions } = await app.simulator.state();
  const statuses = machineActions.map(({ machineId, status }) => [machineId, status]);
  expect(statuses.sort()).toEqual([
    ...[0, 1, 2].map((index) => [machineIdOf(index), "Cancelled"]),
    [machineIdOf(3), "Pending"],
  ]);
  expect((await app.client.getStatus(cancelRun)).output).toMatchObject({ notCancelled: [] });
});

test("a run that cancels for a switch that is off again cancels nothing more", async () => {
  const policyState = policyStateInMemory();
  await using app = await startVirtualApp([isolate, cancelPendingContainments], { services: { policyState } });
  await addMachines(app, 1, { offline: true });
  await start(app, 0);
  await app.passTime(async () => (await writes(app)).length === 1, HOUR);
  await policyState.changeKillSwitch((now) => turnedOn(now, turningOn));
  await policyState.changeKillSwitch((now) => turnedOff(now, turningOn));

  const runId = killSwitchRunId("t-1", turningOn.at);
  await createRunControl(app.client).startOnce(cancelPendingContainments.name, runId, {});
  await app.passTime(() => isOver(app, runId), HOUR);

  expect(await writes(app)).toHaveLength(1);
});

test("an outbreak contains as many machines as the cap allows, no more, and then asks a person", async () => {
  const policyState = policyStateInMemory();
  const policy = Policy.parse({ caps: { machinesPerHour: 7 } });
  await using app = await startVirtualApp([isolate], { services: { policyState, policy: () => policy } });
  await addMachines(app, 30);
  for (let index = 0; index < 30; index++) await start(app, index);
  await app.passTime(
    async () => (await Promise.all(Array.from({ length: 30 }, (_, i) => isOver(app, runIdOf(i))))).every(Boolean),
    HOUR,
  );

  expect(await writes(app)).toHaveLength(7);
  expect((await policyState.read()).breaker).toMatchObject({ isOpen: true });
});

test("isolations that fail on machines open the breaker, and one that succeeds in between resets the count", async () => {
  const policyState = policyStateInMemory();
  const policy = Policy.parse({ circuitBreaker: { failedMachines: 3 } });
  await using app = await startVirtualApp([isolate], { services: { policyState, policy: () => policy } });
  await addMachines(app, 7);
  for (const index of [0, 1, 3, 4, 5]) await app.simulator.failAction(machineIdOf(index), "Isolate");
  const isolateNext = async (index: number) => {
    await start(app, index);
    await app.passTime(() => isOver(app, runIdOf(index)), HOUR / 6);
  };

  for (const index of [0, 1, 2, 3, 4]) await isolateNext(index);
  expect((await policyState.read()).breaker).toMatchObject({ isOpen: false, failures: [{}, {}] });

  await isolateNext(5);
  await isolateNext(6);
  expect((await policyState.read()).breaker.isOpen).toBe(true);
  expect(await statusOf(app, runIdOf(6))).toBe("Failed");
});

test("a machine that Defender does not answer for counts when its tries are over, and not before", async () => {
  const policyState = policyStateInMemory();
  await using app = await startVirtualApp([isolate], { services: { policyState } });
  await addMachines(app, 1);
  const path = "/api/machines/*/isolate";
  await app.simulator.fault({ method: "POST", path, effect: "answer", status: 503, times: 1_000 });
  await start(app, 0);

  await app.passTime(async () => (await writes(app)).length >= 3, HOUR);
  expect((await policyState.read()).breaker.failures).toEqual([]);
  await app.passTime(() => isOver(app, runIdOf(0)), HOUR);
  expect((await policyState.read()).breaker.failures).toMatchObject([{ machineId: machineIdOf(0), stage: "request" }]);
});
