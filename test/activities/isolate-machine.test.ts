import { expect, test } from "vitest";
import { containUnmanagedMachine } from "../../functions/activities/contain-unmanaged-machine.ts";
import { isolateMachine } from "../../functions/activities/isolate-machine.ts";
import { MACHINE_ID } from "../helpers/builders.ts";
import { simulatedDefender } from "../helpers/defender.ts";

const input = { machineId: MACHINE_ID, isolationType: "Full", comment: "Full isolation for alert da1_1" };
const about = { machineId: MACHINE_ID, comment: "For alert da1_1" };
const cancellations = { method: "POST", path: "/api/machineactions/*/cancel" };
const isolations = { method: "POST", path: "/api/machines/*/isolate" };

test("asks for the isolation once, with the run in the comment", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });

  expect(await defender.perform(isolateMachine, input)).toMatchObject({ type: "Isolate", status: "Pending" });
  expect(await defender.simulator.journal(isolations)).toMatchObject([
    { status: 201, body: { Comment: "[run-1] Full isolation for alert da1_1", IsolationType: "Full" } },
  ]);
});

test("adopts its own isolation when the step runs again, even after it has ended", async () => {
  await using defender = await simulatedDefender({ actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } });
  await defender.simulator.addMachine({ id: MACHINE_ID });

  const first = await defender.perform(isolateMachine, input);
  const again = await defender.perform(isolateMachine, input);

  expect(again).toMatchObject({ id: (first as { id: string }).id });
  expect(await defender.simulator.journal(isolations)).toHaveLength(1);
});

test("adopts its own isolation when the answer to the first request was lost", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.fault({ ...isolations, effect: "drop", performed: true });

  await expect(defender.perform(isolateMachine, input)).rejects.toThrow(/got no response/);
  expect(await defender.perform(isolateMachine, input)).toMatchObject({ type: "Isolate" });
  expect(await defender.simulator.journal(isolations)).toHaveLength(1);
});

test("adopts an isolation that another run has under way", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });

  const theirs = await defender.perform(isolateMachine, input, "run-other");
  const ours = await defender.perform(isolateMachine, input);

  expect(ours).toMatchObject({ id: (theirs as { id: string }).id });
});

test("adopts an isolation in force instead of asking for a second one", async () => {
  await using defender = await simulatedDefender({ actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } });
  await defender.simulator.addMachine({ id: MACHINE_ID });

  await defender.perform(isolateMachine, input, "run-other");
  expect(await defender.perform(isolateMachine, input)).toMatchObject({ status: "Succeeded" });
  expect(await defender.simulator.journal(isolations)).toHaveLength(1);
});

test("two runs at the same moment lead to one isolation", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });

  const [one, two] = await Promise.all([
    defender.perform(isolateMachine, input, "run-1"),
    defender.perform(isolateMachine, input, "run-2"),
  ]);

  expect(one).toMatchObject({ id: (two as { id: string }).id });
  const accepted = (await defender.simulator.journal(isolations)).filter(({ status }) => status === 201);
  expect(accepted).toHaveLength(1);
});

test("refuses a critical asset before anything is asked of Defender, and records the verdict", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, computerDnsName: "dc-01", machineTags: ["Critical-Asset"] });

  await expect(defender.perform(isolateMachine, input)).rejects.toMatchObject({ code: "PolicyDenied" });
  expect(await defender.simulator.journal(isolations)).toEqual([]);
  expect(defender.auditTrail).toMatchObject([{ event: "denied", machineId: MACHINE_ID, runId: "run-1" }]);
});

test("leaves an audit record before and after the action", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.perform(isolateMachine, input);

  expect(defender.auditTrail.map(({ event }) => event)).toEqual(["allowed", "done"]);
});

test("does nothing when the verdict cannot be recorded", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  defender.audit.record = () => Promise.reject(new Error("storage is down"));

  await expect(defender.perform(isolateMachine, input)).rejects.toThrow("storage is down");
  expect(await defender.simulator.journal(isolations)).toEqual([]);
});

test("reports a machine that Defender does not know as what retrying cannot mend", async () => {
  await using defender = await simulatedDefender();

  await expect(defender.perform(isolateMachine, input)).rejects.toMatchObject({
    name: "DefenderNotFoundError",
    code: "ResourceNotFound",
  });
});

test("is not put off by one read that does not find a machine which is there", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.fault({
    ...{ method: "GET", path: "/api/machines/*", effect: "answer", status: 404, code: "ResourceNotFound" },
  });

  expect(await defender.perform(isolateMachine, input)).toMatchObject({ type: "Isolate" });
});

test("asks again where its own isolation was released by somebody else since", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const first = await defender.perform(isolateMachine, input);
  await release(defender);

  const second = await defender.perform(isolateMachine, input);
  expect(second).not.toMatchObject({ id: (first as { id: string }).id });
  expect(await defender.simulator.machine(MACHINE_ID)).toMatchObject({ isolation: "Full" });
});

test("asks again where its own isolation failed", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.failAction(MACHINE_ID, "Isolate");
  const first = await defender.perform(isolateMachine, input);
  await defender.simulator.failAction(MACHINE_ID, "Isolate", false);

  expect(await defender.perform(isolateMachine, input)).not.toMatchObject({ id: (first as { id: string }).id });
});

const atOnce = { actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } };

test("isolates fully where a selective isolation is in force", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });

  await defender.perform(isolateMachine, { ...input, isolationType: "Selective" }, "run-other");
  expect(await defender.perform(isolateMachine, input)).toMatchObject({ scope: "Full" });
});

test("isolates again a machine that was released since", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const theirs = await defender.perform(isolateMachine, input, "run-other");
  await release(defender);

  const ours = await defender.perform(isolateMachine, input);
  expect(ours).not.toMatchObject({ id: (theirs as { id: string }).id });
});

test("cancels a release that has not begun instead of letting it end the isolation afterwards", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  await release(defender);

  expect(await defender.perform(isolateMachine, input)).toMatchObject({ type: "Isolate", status: "Pending" });
  expect(await defender.simulator.journal(cancellations)).toMatchObject([
    { status: 200, body: { Comment: "[run-1] Full isolation for alert da1_1" } },
  ]);
});

test("leaves a machine isolated whose release has not begun, and asks for no second isolation", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const theirs = await defender.perform(isolateMachine, input, "run-other");
  await defender.simulator.setOffline(MACHINE_ID);
  await release(defender);

  expect(await defender.perform(isolateMachine, input)).toMatchObject({ id: (theirs as { id: string }).id });
  await defender.simulator.setOffline(MACHINE_ID, false);
  expect(await defender.simulator.machine(MACHINE_ID)).toMatchObject({ isolation: "Full" });
});

test("waits for a release that is being carried out, and says so", async () => {
  await using defender = await simulatedDefender({ actionDelays: { inProgressAfterMs: 0, finalAfterMs: 60_000 } });
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await release(defender);

  await expect(defender.perform(isolateMachine, input)).rejects.toThrow(
    /The release .* is InProgress; the isolation is asked for when that has ended/,
  );
  await defender.simulator.advanceClock(61_000);
  expect(await defender.perform(isolateMachine, input)).toMatchObject({ type: "Isolate" });
});

test("leaves a machine released that somebody released after the run wanted it isolated", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const askedAt = new Date().toISOString();
  await defender.simulator.advanceClock(3_600_000);
  await release(defender);

  await expect(defender.perform(isolateMachine, { ...input, askedAt })).rejects.toMatchObject({
    code: "Superseded",
    message: expect.stringContaining("Start a new run to ask for it again"),
  });
  expect(await defender.simulator.journal(isolations)).toEqual([]);
});

test("leaves a release standing that was asked for later but has not begun", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const askedAt = new Date().toISOString();
  await defender.simulator.advanceClock(3_600_000);
  await release(defender);

  await expect(defender.perform(isolateMachine, { ...input, askedAt })).rejects.toMatchObject({ code: "Superseded" });
  expect(await defender.simulator.journal(cancellations)).toEqual([]);
});

test("isolates a machine that was released before the run wanted it isolated", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await release(defender);
  await defender.simulator.advanceClock(3_600_000);
  const askedAt = new Date(Date.now() + 3_600_000).toISOString();

  expect(await defender.perform(isolateMachine, { ...input, askedAt })).toMatchObject({ type: "Isolate" });
});

test("isolates fully where it isolated selectively itself before", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });

  await defender.perform(isolateMachine, { ...input, isolationType: "Selective" });
  expect(await defender.perform(isolateMachine, input)).toMatchObject({ scope: "Full" });
});

test("takes no containment of an unmanaged machine for an isolation", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID, onboardingStatus: "CanBeOnboarded" });
  await defender.perform(containUnmanagedMachine, about);
  await defender.simulator.addMachine({ id: MACHINE_ID, onboardingStatus: "Onboarded" });

  expect(await defender.perform(isolateMachine, input)).toMatchObject({ scope: "Full" });
});

test("takes no isolation for a containment of an unmanaged machine", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.perform(isolateMachine, input);
  await defender.simulator.addMachine({ id: MACHINE_ID, onboardingStatus: "CanBeOnboarded" });

  const contained = await defender.perform(containUnmanagedMachine, about);
  expect(contained).toMatchObject({ scope: "UnManagedDevice" });
  expect(await defender.perform(containUnmanagedMachine, about)).toMatchObject({
    id: (contained as { id: string }).id,
  });
});

async function release({ apiUrl, issueToken }: { apiUrl: string; issueToken(): string }): Promise<void> {
  const response = await fetch(`${apiUrl}/api/machines/${MACHINE_ID}/unisolate`, {
    method: "POST",
    headers: { authorization: `Bearer ${issueToken()}`, "content-type": "application/json" },
    body: JSON.stringify({ Comment: "by hand" }),
  });
  expect(response.status).toBe(201);
}
