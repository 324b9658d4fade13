import { describe, expect, test } from "vitest";
import { collectInvestigationPackage } from "../../functions/activities/collect-investigation-package.ts";
import { containUnmanagedMachine } from "../../functions/activities/contain-unmanaged-machine.ts";
import { getMachineAction } from "../../functions/activities/get-machine-action.ts";
import { offboardMachine } from "../../functions/activities/offboard-machine.ts";
import { restrictCodeExecution } from "../../functions/activities/restrict-code-execution.ts";
import { runAntiVirusScan } from "../../functions/activities/run-anti-virus-scan.ts";
import { stopAndQuarantineFile } from "../../functions/activities/stop-and-quarantine-file.ts";
import { storePackage } from "../../functions/activities/store-package.ts";
import { uncontainMachine } from "../../functions/activities/uncontain-machine.ts";
import { unrestrictCodeExecution } from "../../functions/activities/unrestrict-code-execution.ts";
import type { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import type { Piece } from "../../shared/evidence/piece.ts";
import type { Activity } from "../../shared/playbook.ts";
import type { Services } from "../../shared/services.ts";
import { MACHINE_ID } from "../helpers/builders.ts";
import { simulatedDefender } from "../helpers/defender.ts";

const sha1 = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";
const otherSha1 = "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33";
const about = { machineId: MACHINE_ID, comment: "For alert da1" };
const atOnce = { actionDelays: { inProgressAfterMs: 0, finalAfterMs: 0 } };

const idOf = (action: unknown) => (action as { id: string }).id;

/** Each asking activity with its input, and what it must send. */
const asking: [activity: Activity, call: string, input: object, machine?: object][] = [
  [collectInvestigationPackage, "collectInvestigationPackage", about],
  [restrictCodeExecution, "restrictCodeExecution", about],
  [unrestrictCodeExecution, "unrestrictCodeExecution", about],
  [runAntiVirusScan, "runAntiVirusScan", { ...about, scanType: "Quick" }],
  [stopAndQuarantineFile, "StopAndQuarantineFile", { ...about, sha1 }],
  [containUnmanagedMachine, "isolate", about, { onboardingStatus: "CanBeOnboarded" }],
  [uncontainMachine, "unisolate", about, { onboardingStatus: "CanBeOnboarded" }],
  [offboardMachine, "offboard", { ...about, confirm: `offboard ${MACHINE_ID}` }],
];

describe.each(asking.map(([activity, ...rest]) => [activity.name, activity, ...rest] as const))(
  "%s",
  (_, activity, call, input, machine = {}) => {
    const requests = { method: "POST", path: `/api/machines/*/${call}` };

    test("asks with the run in the comment, and adopts its own action when the step runs again", async () => {
      await using defender = await simulatedDefender(atOnce);
      await defender.simulator.addMachine({ id: MACHINE_ID, ...machine });

      const first = await defender.perform(activity, input);
      expect(idOf(await defender.perform(activity, input))).toBe(idOf(first));
      expect(await defender.simulator.journal(requests)).toMatchObject([
        { status: 201, body: { Comment: "[run-1] For alert da1" } },
      ]);
    });

    test("adopts its own action when the answer to the request was lost", async () => {
      await using defender = await simulatedDefender(atOnce);
      await defender.simulator.addMachine({ id: MACHINE_ID, ...machine });
      await defender.simulator.fault({ ...requests, effect: "drop", performed: true });

      await expect(defender.perform(activity, input)).rejects.toThrow(/got no response/);
      await defender.perform(activity, input);
      expect(await defender.simulator.journal(requests)).toHaveLength(1);
    });

    test("adopts what another run has under way, also where it began after the look", async () => {
      await using defender = await simulatedDefender();
      await defender.simulator.addMachine({ id: MACHINE_ID, offline: true, ...machine });

      const [one, two] = await Promise.all([
        defender.perform(activity, input, "run-other"),
        defender.perform(activity, input),
      ]);
      expect(idOf(two)).toBe(idOf(one));
      const accepted = (await defender.simulator.journal(requests)).filter(({ status }) => status === 201);
      expect(accepted).toHaveLength(1);
    });

    test("tries again later when Defender is busy with what it does not list yet", async () => {
      await using defender = await simulatedDefender();
      await defender.simulator.addMachine({ id: MACHINE_ID, ...machine });
      const busy = { effect: "answer", status: 400, code: "ActiveRequestAlreadyExists" } as const;
      await defender.simulator.fault({ ...requests, ...busy });

      const error = await defender.perform(activity, input).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: "MustWaitError", message: expect.stringContaining("Defender is busy") });
    });

    test("gives up at once where the system cannot do it", async () => {
      await using defender = await simulatedDefender();
      await defender.simulator.addMachine({ id: MACHINE_ID, ...machine });
      const refused = { effect: "answer", status: 400, code: "OsPlatformNotSupported" } as const;
      await defender.simulator.fault({ ...requests, ...refused });

      await expect(defender.perform(activity, input)).rejects.toMatchObject({ code: "OsPlatformNotSupported" });
    });
  },
);

test("scans quickly once the full scan has ended, and does not take the one for the other", async () => {
  await using defender = await simulatedDefender({ actionDelays: { inProgressAfterMs: 0, finalAfterMs: 60_000 } });
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const full = await defender.perform(runAntiVirusScan, { ...about, scanType: "Full" });

  await expect(defender.perform(runAntiVirusScan, { ...about, scanType: "Quick" })).rejects.toThrow("Defender is busy");
  await defender.simulator.advanceClock(61_000);
  const quick = await defender.perform(runAntiVirusScan, { ...about, scanType: "Quick" });
  expect(quick).toMatchObject({ scope: "Quick" });
  expect(idOf(quick)).not.toBe(idOf(full));
});

test("takes no open scan of another type for its own where Defender answers with that instead of refusing", async () => {
  await using defender = await simulatedDefender({ duplicateActions: "returnOpen" });
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const full = { ...about, scanType: "Full" };
  const first = await defender.perform(runAntiVirusScan, full);

  await expect(defender.perform(runAntiVirusScan, { ...about, scanType: "Quick" })).rejects.toThrow("Defender is busy");
  expect(idOf(await defender.perform(runAntiVirusScan, full, "run-other"))).toBe(idOf(first));
});

test("takes no quarantine of another file for its own where Defender answers with that", async () => {
  await using defender = await simulatedDefender({ duplicateActions: "returnOpen" });
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  await defender.perform(stopAndQuarantineFile, { ...about, sha1 }, "run-other");

  const asked = defender.perform(stopAndQuarantineFile, { ...about, sha1: otherSha1 });
  await expect(asked).rejects.toThrow("Defender is busy");
});

test("finds its own action once Defender shows it, and asks for no second one before", async () => {
  await using defender = await simulatedDefender({ newActionsVisibleAfterMs: 60_000 });
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const requests = { method: "POST", path: "/api/machines/*/restrictCodeExecution" };
  await defender.simulator.fault({ ...requests, effect: "drop", performed: true });
  await expect(defender.perform(restrictCodeExecution, about)).rejects.toThrow(/got no response/);

  await expect(defender.perform(restrictCodeExecution, about)).rejects.toThrow("is not listed yet");
  await defender.simulator.advanceClock(61_000);
  expect(await defender.perform(restrictCodeExecution, about)).toMatchObject({
    requestorComment: "[run-1] For alert da1",
  });
  const accepted = (await defender.simulator.journal(requests)).filter(({ status, fault }) => status === 201 || fault);
  expect(accepted).toHaveLength(1);
});

test("quarantines every file it is asked to, and none twice", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const first = await defender.perform(stopAndQuarantineFile, { ...about, sha1 });
  const other = await defender.perform(stopAndQuarantineFile, { ...about, sha1: otherSha1 });
  const again = await defender.perform(stopAndQuarantineFile, { ...about, sha1: sha1.toUpperCase() });

  expect(idOf(other)).not.toBe(idOf(first));
  expect(idOf(again)).toBe(idOf(first));
});

test("lifts a restriction that has not begun by cancelling it", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const restriction = await defender.perform(restrictCodeExecution, about, "run-other");

  expect(await defender.perform(unrestrictCodeExecution, about)).toMatchObject({
    id: idOf(restriction),
    status: "Cancelled",
    cancellationComment: "[run-1] For alert da1",
  });
});

test("cancels the lifting of a restriction that has not begun, and waits for one that is being carried out", async () => {
  await using defender = await simulatedDefender({ actionDelays: { inProgressAfterMs: 0, finalAfterMs: 60_000 } });
  await defender.simulator.addMachine({ id: MACHINE_ID, offline: true });
  const lifting = await defender.perform(unrestrictCodeExecution, about, "run-other");

  expect(await defender.perform(restrictCodeExecution, about)).toMatchObject({ type: "RestrictCodeExecution" });
  expect(await defender.perform(getMachineAction, { machineActionId: idOf(lifting) })).toMatchObject({
    status: "Cancelled",
  });

  await defender.simulator.setOffline(MACHINE_ID, false);
  await defender.simulator.advanceClock(61_000);
  await defender.perform(unrestrictCodeExecution, about, "run-other-2");
  await expect(defender.perform(restrictCodeExecution, about, "run-2")).rejects.toThrow(
    /The lifting .* is InProgress; the restriction is asked for when that has ended/,
  );
});

test("tries again later while the package of a collection is not there yet", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const collection = await defender.perform(collectInvestigationPackage, about);
  const services = { ...defender, evidence: { find: async () => undefined } } as unknown as Services;

  const error = await storePackage
    .perform({ machineId: MachineId.parse(MACHINE_ID), machineActionId: (collection as MachineAction).id }, services, {
      runId: "run-1",
    })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "Error", message: expect.stringContaining("yet") });
});

test("asks for a new link to a package when the one before has lapsed", async () => {
  await using defender = await simulatedDefender({ ...atOnce, packageLinkLifetimeMs: 0 });
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const collection = (await defender.perform(collectInvestigationPackage, about)) as MachineAction;
  const evidence = {
    find: async () => undefined,
    async store({ name }: Piece, content: AsyncIterable<Uint8Array>) {
      let bytes = 0;
      for await (const piece of content) bytes += piece.byteLength;
      return { container: "evidence", name, bytes, sha256: "" };
    },
  };
  const services = { ...defender, evidence } as unknown as Services;
  const input = { machineId: MachineId.parse(MACHINE_ID), machineActionId: collection.id };
  const store = () => storePackage.perform(input, services, { runId: "run-1" });

  await expect(store()).rejects.toThrow(/the link has lapsed, and the next try asks for a new one/);
  await defender.simulator.settings({ packageLinkLifetimeMs: 60_000 });
  expect(await store()).toMatchObject({ name: `${MACHINE_ID}/${collection.id}.zip`, bytes: expect.any(Number) });
  expect(await defender.simulator.journal({ path: "/api/machineactions/*/getPackageUri" })).toHaveLength(2);
});

test("offboards nothing by a slip", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });

  for (const confirm of ["yes", `offboard ${"0".repeat(40)}`]) {
    await expect(defender.perform(offboardMachine, { ...about, confirm })).rejects.toMatchObject({
      code: "InvalidInput",
    });
  }
  expect(await defender.simulator.journal({ path: "/api/machines/*/offboard" })).toEqual([]);
});

test.each([
  [restrictCodeExecution, about],
  [stopAndQuarantineFile, { ...about, sha1 }],
  [offboardMachine, { ...about, confirm: `offboard ${MACHINE_ID}` }],
])("takes nothing from a critical asset: $name", async (activity, input) => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID, machineTags: ["Critical-Asset"] });

  await expect(defender.perform(activity, input)).rejects.toMatchObject({ code: "PolicyDenied" });
  expect(await defender.simulator.journal({ method: "POST" })).toEqual([]);
});

test("scans twice where one run asks for it before and after something else", async () => {
  await using defender = await simulatedDefender(atOnce);
  await defender.simulator.addMachine({ id: MACHINE_ID });
  const scan = (key: string) => defender.perform(runAntiVirusScan, { ...about, scanType: "Quick", key });

  const before = await scan("before");
  const after = await scan("after");

  expect(idOf(after)).not.toBe(idOf(before));
  expect(idOf(await scan("before"))).toBe(idOf(before));
  expect(await defender.simulator.journal({ method: "POST" })).toMatchObject([
    { body: { Comment: "[run-1 before] For alert da1" } },
    { body: { Comment: "[run-1 after] For alert da1" } },
  ]);
});
