import { expect, test } from "vitest";
import { cancelMachineAction } from "../../functions/activities/cancel-machine-action.ts";
import { isolateMachine } from "../../functions/activities/isolate-machine.ts";
import { listMachineActions } from "../../functions/activities/list-machine-actions.ts";
import { releaseMachine } from "../../functions/activities/release-machine.ts";
import { restrictCodeExecution } from "../../functions/activities/restrict-code-execution.ts";
import { runAntiVirusScan } from "../../functions/activities/run-anti-virus-scan.ts";
import { unrestrictCodeExecution } from "../../functions/activities/unrestrict-code-execution.ts";
import type { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { ISOLATION_ID, MACHINE_ID } from "../helpers/builders.ts";
import { simulatedDefender } from "../helpers/defender.ts";

const scan = { machineId: MACHINE_ID, scanType: "Full", comment: "For alert da1" };
const cancellations = { method: "POST", path: "/api/machineactions/*/cancel" };
const inputFor = (action: unknown) => ({
  machineId: MACHINE_ID,
  machineActionId: (action as MachineAction).id,
  comment: "Not needed any more",
});

test("cancels an open action, with the run in the comment", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const action = await defender.perform(runAntiVirusScan, scan);

  expect(await defender.perform(cancelMachineAction, inputFor(action))).toMatchObject({ status: "Cancelled" });
  expect(await defender.simulator.journal(cancellations)).toMatchObject([
    { body: { Comment: "[run-1] Not needed any more" } },
  ]);
});

test("cancels once when the answer to the first request was lost", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const action = await defender.perform(runAntiVirusScan, scan);
  await defender.simulator.fault({ ...cancellations, effect: "drop", performed: true });

  await expect(defender.perform(cancelMachineAction, inputFor(action))).rejects.toThrow(/got no response/);
  expect(await defender.perform(cancelMachineAction, inputFor(action))).toMatchObject({ status: "Cancelled" });
  expect(await defender.simulator.journal(cancellations)).toHaveLength(1);
});

test("returns an action that has ended as it is", async () => {
  await using defender = await simulatedDefender({ actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } });
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const action = await defender.perform(runAntiVirusScan, scan);

  expect(await defender.perform(cancelMachineAction, inputFor(action))).toMatchObject({ status: "Succeeded" });
  expect(await defender.simulator.journal(cancellations)).toEqual([]);
});

test("returns an action that ends while it is being cancelled", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const action = await defender.perform(runAntiVirusScan, scan);
  const refused = { effect: "answer", status: 400, code: "BadRequest" } as const;
  await defender.simulator.fault({ ...cancellations, ...refused, performed: true });

  expect(await defender.perform(cancelMachineAction, inputFor(action))).toMatchObject({ status: "Cancelled" });
});

test("refuses an action of another machine, whatever the policy says of the machine that is named", async () => {
  await using defender = await simulatedDefender();
  const other = "a".repeat(40);
  await defender.simulator.addMachines([{ id: MACHINE_ID }, { id: other, offline: true }]);
  const action = await defender.perform(runAntiVirusScan, { ...scan, machineId: other });

  await expect(defender.perform(cancelMachineAction, inputFor(action))).rejects.toMatchObject({ code: "WrongMachine" });
  expect(await defender.simulator.journal(cancellations)).toEqual([]);
});

test.each([
  [isolateMachine, { isolationType: "Full" }, releaseMachine, "isolate the machine instead"],
  [restrictCodeExecution, {}, unrestrictCodeExecution, "restrict the machine instead"],
])(
  "does not contain a machine by the back door: after $name it cancels no open release",
  async (contain, more, release, instead) => {
    await using defender = await simulatedDefender({ actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } });
    const about = { machineId: MACHINE_ID, comment: "For alert da1" };
    await defender.simulator.addMachine({ id: MACHINE_ID });
    await defender.perform(contain, { ...about, ...more });
    await defender.simulator.setOffline(MACHINE_ID);
    const released = await defender.perform(release, about);

    await expect(defender.perform(cancelMachineAction, inputFor(released))).rejects.toMatchObject({
      code: "WouldContain",
      message: expect.stringContaining(instead),
    });
    expect(await defender.simulator.journal(cancellations)).toEqual([]);
  },
);

test("tries again later while Defender does not show the action", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });

  const error = await defender
    .perform(cancelMachineAction, inputFor({ id: ISOLATION_ID }))
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "Error", message: expect.stringContaining("does not show yet") });
});

test("lists what was asked of a machine, and of no other", async () => {
  await using defender = await simulatedDefender();
  const other = "a".repeat(40);
  await defender.simulator.addMachines([{ id: MACHINE_ID }, { id: other }]);
  const action = await defender.perform(runAntiVirusScan, scan);
  await defender.perform(runAntiVirusScan, { ...scan, machineId: other });

  expect(await defender.perform(listMachineActions, { machineId: MACHINE_ID })).toMatchObject([
    { id: (action as MachineAction).id },
  ]);
  const [list] = await defender.simulator.journal({ path: "/api/machineactions", limit: 1 });
  expect(list?.query).toContain("$top=100");
});
