import { describe, expect, test } from "vitest";
import type { DefenderClient } from "../../../shared/defender/client.ts";
import { machineActionCalls } from "../../../shared/defender/machine-actions/calls.ts";
import {
  commandsOf,
  describeFailure,
  fileOf,
  isCancelledBy,
  MachineAction,
  type MachineActionId,
} from "../../../shared/defender/machine-actions/machine-action.ts";
import { Sha1 } from "../../../shared/defender/machine-actions/sha1.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { eq } from "../../../shared/defender/odata/filter.ts";
import { allOf } from "../../../shared/defender/odata/list.ts";
import { ISOLATION_ID, MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(machineActionCalls);

const machineId = MachineId.parse(MACHINE_ID);
const unknownAction = ISOLATION_ID as MachineActionId;
const sha1 = Sha1.parse("87662bc3d60e4200ceaf7aae249d1c343f4b83c9");
const comment = "Because of alert da1";
const atOnce = { actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } };

type Ask = (actions: DefenderClient["machineActions"]) => Promise<MachineAction>;

const requests: [name: string, type: string, ask: Ask, body: object][] = [
  ["isolate", "Isolate", (a) => a.isolate(machineId, { comment, isolationType: "Full" }), { IsolationType: "Full" }],
  [
    "isolate",
    "Isolate",
    (a) => a.isolate(machineId, { comment, isolationType: "Selective" }),
    { IsolationType: "Selective" },
  ],
  ["isolate", "Isolate", (a) => a.containUnmanaged(machineId, { comment }), { IsolationType: "UnManagedDevice" }],
  ["unisolate", "Unisolate", (a) => a.release(machineId, { comment }), {}],
  ["unisolate", "Unisolate", (a) => a.uncontain(machineId, { comment }), {}],
  ["restrictCodeExecution", "RestrictCodeExecution", (a) => a.restrictCodeExecution(machineId, { comment }), {}],
  ["unrestrictCodeExecution", "UnrestrictCodeExecution", (a) => a.unrestrictCodeExecution(machineId, { comment }), {}],
  [
    "runAntiVirusScan",
    "RunAntiVirusScan",
    (a) => a.runAntiVirusScan(machineId, { comment, scanType: "Quick" }),
    { ScanType: "Quick" },
  ],
  [
    "StopAndQuarantineFile",
    "StopAndQuarantineFile",
    (a) => a.stopAndQuarantineFile(machineId, { comment, sha1 }),
    { Sha1: sha1 },
  ],
  [
    "collectInvestigationPackage",
    "CollectInvestigationPackage",
    (a) => a.collectInvestigationPackage(machineId, { comment }),
    {},
  ],
  ["offboard", "Offboard", (a) => a.offboard(machineId, { comment }), {}],
];

describe.each(requests)("%s (%s)", (name, type, ask, body) => {
  const path = `/api/machines/${MACHINE_ID}/${name}`;

  // Only a managed machine can be isolated, and only one that is not managed contained.
  const onboardingStatus = JSON.stringify(body).includes("UnManagedDevice") ? "CanBeOnboarded" : "Onboarded";

  test("sends comment and parameters as the page spells them, and gives back the machine action", async () => {
    await using defender = await simulatedDefender();
    await defender.simulator.addMachine({ id: MACHINE_ID, onboardingStatus });

    expect(await ask(defender.defender.machineActions)).toMatchObject({
      type,
      status: "Pending",
      requestorComment: comment,
    });
    expect(await defender.simulator.journal({ method: "POST", path })).toMatchObject([
      { status: 201, body: { Comment: comment, ...body } },
    ]);
  });

  test("takes an answer that leaves out the machine", async () => {
    await using defender = await simulatedDefender({ sparseNewActions: true });
    await defender.simulator.addMachine({ id: MACHINE_ID, onboardingStatus });

    expect(await ask(defender.defender.machineActions)).toMatchObject({ type, machineId: null });
  });

  test("tells an unknown machine, a machine that is busy, and one that cannot do it", async () => {
    await using defender = await simulatedDefender();
    const { machineActions } = defender.defender;
    await expect(ask(machineActions)).rejects.toMatchObject({ name: "DefenderNotFoundError" });

    await defender.simulator.addMachine({ id: MACHINE_ID, onboardingStatus, offline: true });
    await ask(machineActions);
    await expect(ask(machineActions)).rejects.toMatchObject({ name: "DefenderConflictError" });

    const refusal = { effect: "answer", status: 400, code: "OsPlatformNotSupported" } as const;
    await defender.simulator.fault({ method: "POST", path, ...refusal });
    await expect(ask(machineActions)).rejects.toMatchObject({
      name: "DefenderRefusedError",
      code: "OsPlatformNotSupported",
    });
  });

  test("says how long to wait when the limit is used up, and does not send it again", async () => {
    await using defender = await simulatedDefender();
    const refusal = { effect: "answer", status: 429, headers: { "retry-after": "37" } } as const;
    await defender.simulator.fault({ method: "POST", path, ...refusal });

    await expect(ask(defender.defender.machineActions)).rejects.toMatchObject({
      name: "DefenderThrottledError",
      retryAfterMs: 37_000,
    });
    expect(await defender.simulator.journal({ method: "POST", path })).toHaveLength(1);
  });
});

test("refuses what is no hash before it is sent", () => {
  expect(Sha1.safeParse("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855").success).toBe(false);
});

test("an action can be followed, listed and found by machine and type, newest first", async () => {
  await using defender = await simulatedDefender(atOnce);
  const { machineActions } = defender.defender;
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const first = await machineActions.isolate(machineId, { comment, isolationType: "Full" });
  await defender.simulator.advanceClock(1_000);
  await machineActions.restrictCodeExecution(machineId, { comment });
  await defender.simulator.advanceClock(1_000);
  const last = await machineActions.release(machineId, { comment });

  expect(await machineActions.get(first.id)).toMatchObject({ id: first.id, status: "Succeeded" });
  expect(await allOf(machineActions.list({ filter: eq("machineId", machineId) }))).toHaveLength(3);
  const recent = await machineActions.recent(machineId, ["Isolate", "Unisolate"]);
  expect(recent.map(({ id }) => id)).toEqual([last.id, first.id]);
});

test("an action that Defender does not show is told from one it refuses to show", async () => {
  await using defender = await simulatedDefender();
  await expect(defender.defender.machineActions.get(unknownAction)).rejects.toMatchObject({
    name: "DefenderNotFoundError",
  });
});

test("an open action is cancelled with a reason, one that has ended is not", async () => {
  await using defender = await simulatedDefender();
  const { machineActions } = defender.defender;
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const { id } = await machineActions.runAntiVirusScan(machineId, { comment, scanType: "Full" });

  expect(await machineActions.cancel(id, { comment: "Not needed" })).toMatchObject({
    status: "Cancelled",
    cancellationComment: "Not needed",
  });
  await expect(machineActions.cancel(id, { comment: "Again" })).rejects.toMatchObject({ name: "DefenderRefusedError" });
  await expect(machineActions.cancel(unknownAction, { comment })).rejects.toMatchObject({
    name: "DefenderNotFoundError",
  });
  expect(await defender.simulator.journal({ path: "/api/machineactions/*/cancel" })).toMatchObject([
    { status: 200, body: { Comment: "Not needed" } },
    { status: 400 },
    { status: 404 },
  ]);
});

test("a package is there once it is collected, and its link comes without the quotes around it", async () => {
  await using defender = await simulatedDefender({ actionDelays: { inProgressAfterMs: 0, finalAfterMs: 60_000 } });
  const { machineActions } = defender.defender;
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const { id } = await machineActions.collectInvestigationPackage(machineId, { comment });

  await expect(machineActions.packageLink(id)).rejects.toMatchObject({ name: "DefenderNotFoundError" });
  await defender.simulator.advanceClock(61_000);
  const response = await fetch(await machineActions.packageLink(id));
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/zip"]);
});

test("keeps what Microsoft adds to a machine action, and what it leaves out", () => {
  const given = {
    id: ISOLATION_ID,
    type: "ContainTheFuture",
    status: "Somehow",
    scope: null,
    troubleshootInfo: { a: 1 },
  };
  expect(MachineAction.parse(given)).toEqual(given);
  expect(MachineAction.parse({ id: ISOLATION_ID })).toEqual({ id: ISOLATION_ID });
});

test("does not lose a machine action over a field of another shape than documented", () => {
  const odd = { errorHResult: "0x1", commands: { a: 1 }, relatedFileInfo: "x", scope: 5, cancellationComment: 5 };
  const given = { id: ISOLATION_ID, type: "LiveResponse", status: "Failed", title: 5, ...odd };

  const action = MachineAction.parse(given);
  expect(action).toEqual(given);
  expect(describeFailure(action)).toBe("LiveResponse ended as Failed");
  expect([commandsOf(action), fileOf(action), isCancelledBy(action, "run-1")]).toEqual([[], undefined, false]);
});
