import { expect, test } from "vitest";
import { createListPace } from "../../../shared/defender/machine-actions/list-pace.ts";
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

/** A list that always answers with the same actions, what it was asked, and a time that passes only where it is waited for. */
function listOf(...actions: MachineAction[]) {
  const asked: string[] = [];
  let now = 0;
  const clock = {
    now: () => now,
    wait: async (ms: number) => {
      await new Promise(setImmediate);
      now += ms;
    },
  };
  const recent = createRecentActions(async function* ({ filter, atMost }) {
    asked.push(filter?.text ?? "");
    yield* actions.slice(0, atMost);
  }, createListPace({ clock }));
  const together = async (...lookups: [machineId: MachineId, runId?: string][]) => {
    const answers = await Promise.all(lookups.map(([id, runId]) => recent(id, ["Isolate"], runId)));
    return answers.map(({ length }) => length);
  };
  return { recent, together, asked, clock };
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
  expect(asked.filter((text) => text.includes("machineId eq"))).toHaveLength(2);
});

test("looks for the first step at once; those who come within the next second share the list after it", async () => {
  const { recent, asked, clock } = listOf();
  await recent(machine(1), ["Isolate"]);
  expect({ lists: asked.length, ms: clock.now() }).toEqual({ lists: 1, ms: 0 });

  await Promise.all([2, 3, 4, 5, 6].map((number) => recent(machine(number), ["Isolate"])));
  expect({ lists: asked.length, ms: clock.now() }).toEqual({ lists: 2, ms: 1_000 });
});

test("leaves the list to others once many lists were asked for: at most 1,250 in an hour", async () => {
  const { recent, asked, clock } = listOf();
  for (let number = 0; clock.now() < 3_600_000; number++) await recent(machine(number), ["Isolate"]);

  expect(asked.length).toBeLessThanOrEqual(1_251);
});

test("looks more seldom where the app may use but a share of the limits", async () => {
  const asked: number[] = [];
  const clock = { now: () => 0, wait: async (ms: number) => void asked.push(ms) };
  const pace = createListPace({ limitScale: 0.1, clock });
  pace.count();
  await pace.ready();
  for (let count = 1; count < 6; count++) pace.count();
  await pace.ready();
  expect(asked).toEqual([10_000, 60_000]);
});
