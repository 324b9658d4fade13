import { expect, test } from "vitest";
import { investigationCalls } from "../../../shared/defender/investigations/calls.ts";
import { Investigation, InvestigationId } from "../../../shared/defender/investigations/investigation.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { and, eq, ge, instant } from "../../../shared/defender/odata/filter.ts";
import { allOf } from "../../../shared/defender/odata/list.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(investigationCalls);

const machineId = MachineId.parse(MACHINE_ID);
const comment = "Because of alert da1";
const starts = { method: "POST", path: "/api/machines/*/startInvestigation" };

test("an investigation that is started can be read, listed and found as the machine's newest", async () => {
  await using defender = await simulatedDefender({
    investigationDelays: { runningAfterMs: 0, finalAfterMs: 3_600_000 },
  });
  const { investigations } = defender.defender;
  await defender.simulator.addMachine({ id: MACHINE_ID });

  const started = await investigations.start(machineId, { comment });
  expect(started).toMatchObject({ machineId: MACHINE_ID, state: expect.any(String) });
  expect(await defender.simulator.journal(starts)).toMatchObject([{ status: 201, body: { Comment: comment } }]);

  const id = InvestigationId.parse(String(started.id));
  expect(await investigations.get(id)).toMatchObject({ id: started.id });
  const since = ge<"startTime">("startTime", instant("2019-01-01T00:00:00.0000000Z"));
  const listed = await allOf(
    investigations.list({ filter: and<"startTime" | "machineId">(eq("machineId", machineId), since) }),
  );
  expect(listed).toMatchObject([{ id: started.id }]);
  expect(await investigations.newestOpen(machineId)).toMatchObject({ id: started.id });
});

test("a machine that nothing goes on at has no open investigation", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });

  expect(await defender.defender.investigations.newestOpen(machineId)).toBeUndefined();
});

test("an unknown machine and an unknown investigation are told as such", async () => {
  await using defender = await simulatedDefender();
  const { investigations } = defender.defender;

  const notFound = { name: "DefenderNotFoundError" };
  await expect(investigations.start(machineId, { comment })).rejects.toMatchObject(notFound);
  await expect(investigations.get(InvestigationId.parse("63004"))).rejects.toMatchObject(notFound);
});

test.each([
  [400, "OsPlatformNotSupported", "DefenderRefusedError"],
  [403, "DisabledFeature", "DefenderRefusedError"],
  [400, "ActiveRequestAlreadyExists", "DefenderConflictError"],
  [429, "TooManyRequests", "DefenderThrottledError"],
])("a start is refused with %s %s, and not sent again", async (status, code, name) => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.fault({ ...starts, effect: "answer", status, code });

  await expect(defender.defender.investigations.start(machineId, { comment })).rejects.toMatchObject({ name });
  expect(await defender.simulator.journal(starts)).toHaveLength(1);
});

test("keeps numbers that a double cannot hold, and what Microsoft adds", () => {
  const given = { id: "9007199254740993", state: "Daydreaming", machineId: null, pendingApprovals: 2 };
  expect(Investigation.parse(given)).toEqual(given);
});
