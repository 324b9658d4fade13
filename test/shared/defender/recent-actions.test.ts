import { expect, test } from "vitest";
import type { MachineAction } from "../../../shared/defender/machine-actions/machine-action.ts";
import { createRecentActions } from "../../../shared/defender/machine-actions/recent-actions.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { ISOLATION_ID, MACHINE_ID } from "../../helpers/builders.ts";

const machineId = MachineId.parse(MACHINE_ID);
const machine = (number: number) => MachineId.parse(number.toString(16).padStart(40, "0"));
const isolation = (changes: object = {}) =>
  ({
    id: ISOLATION_ID,
    type: "Isolate",
    status: "Pending",
    requestorComment: "[run-1] x",
    ...changes,
  }) as MachineAction;

/** A list that always answers with the same actions, and what it was asked. */
function listOf(...actions: MachineAction[]) {
  const asked: string[] = [];
  const recent = createRecentActions(async function* ({ filter, atMost }) {
    asked.push(filter?.text ?? "");
    yield* actions.slice(0, atMost);
  });
  // The first look goes alone; those that come meanwhile share the next list.
  const together = async (...lookups: [machineId: MachineId, runId?: string][]) => {
    const first = recent(machine(0), ["Isolate"]);
    const answers = await Promise.all(lookups.map(([id, runId]) => recent(id, ["Isolate"], runId)));
    await first;
    return answers.map(({ length }) => length);
  };
  return { recent, together, asked };
}

test("finds an action whatever the case of the machine's id", async () => {
  const { recent } = listOf(isolation({ machineId: MACHINE_ID.toUpperCase() }));

  expect(await recent(machineId, ["Isolate"])).toHaveLength(1);
});

test("finds a new action that does not name its machine yet by the run that asks, also beside others", async () => {
  const { together } = listOf(isolation({ machineId: null }));

  expect(await together([machineId, "run-1"], [machine(2), "run-2"])).toEqual([1, 0]);
});

test("gives an action without a machine to no step of a run that asks about several", async () => {
  const { together } = listOf(isolation({ machineId: null }));

  expect(await together([machineId, "run-1"], [machine(2), "run-1"])).toEqual([0, 0]);
});

test("asks about the machines by name where a list of all may have been full, odd rows or not", async () => {
  const rows = Array.from({ length: 9_990 }, () => isolation({ machineId: machine(99) }));
  const { together, asked } = listOf(...rows);
  const many = Array.from({ length: 26 }, (_, number): [MachineId] => [machine(number + 1)]);

  await together(...many);
  expect(asked.filter((text) => text.includes("machineId eq"))).toHaveLength(3);
});
