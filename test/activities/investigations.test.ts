import { expect, test } from "vitest";
import { getInvestigation } from "../../functions/activities/get-investigation.ts";
import { listInvestigations } from "../../functions/activities/list-investigations.ts";
import { startInvestigation } from "../../functions/activities/start-investigation.ts";
import { MACHINE_ID } from "../helpers/builders.ts";
import { simulatedDefender } from "../helpers/defender.ts";

/** Investigations that nothing ends while a test looks. */
const slowly = { investigationDelays: { runningAfterMs: 0, finalAfterMs: 3_600_000 } };

const input = { machineId: MACHINE_ID, comment: "For alert da1" };
const starts = { method: "POST", path: "/api/machines/*/startInvestigation" };

const idOf = (investigation: unknown) => String((investigation as { id: string | number }).id);

test("starts an investigation once, however often the step runs", async () => {
  await using defender = await simulatedDefender(slowly);
  await defender.simulator.addMachine({ id: MACHINE_ID });

  const first = await defender.perform(startInvestigation, input);
  expect(idOf(await defender.perform(startInvestigation, input))).toBe(idOf(first));
  expect(await defender.simulator.journal(starts)).toMatchObject([
    { status: 201, body: { Comment: "[run-1] For alert da1" } },
  ]);
});

test("adopts its own investigation when the answer was lost", async () => {
  await using defender = await simulatedDefender(slowly);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.fault({ ...starts, effect: "drop", performed: true });

  await expect(defender.perform(startInvestigation, input)).rejects.toThrow(/got no response/);
  expect(await defender.perform(startInvestigation, input)).toMatchObject({ machineId: MACHINE_ID });
  expect(await defender.simulator.journal(starts)).toHaveLength(1);
});

test("starts another investigation once the one before has ended", async () => {
  await using defender = await simulatedDefender(slowly);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const first = await defender.perform(startInvestigation, input);
  await defender.simulator.advanceClock(3_600_001);

  const second = await defender.perform(startInvestigation, input);
  expect(idOf(second)).not.toBe(idOf(first));
});

test("an investigation can be read and listed by its machine", async () => {
  await using defender = await simulatedDefender(slowly);
  await defender.simulator.addMachines([{ id: MACHINE_ID }, { id: "a".repeat(40) }]);
  const started = await defender.perform(startInvestigation, input);
  await defender.perform(startInvestigation, { ...input, machineId: "a".repeat(40) });

  expect(await defender.perform(getInvestigation, { id: idOf(started) })).toMatchObject({ machineId: MACHINE_ID });
  expect(await defender.perform(getInvestigation, { id: "99999999" })).toBeNull();
  const listed = (await defender.perform(listInvestigations, { machineId: MACHINE_ID })) as object[];
  expect(listed.map(idOf)).toEqual([idOf(started)]);
});
