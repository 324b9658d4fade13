import { expect, test } from "vitest";
import { authenticatedScanCalls } from "../../../shared/defender/authenticated-scans/calls.ts";
import { allOf } from "../../../shared/defender/odata/list.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(authenticatedScanCalls);

const definition = {
  scanName: "Branch offices",
  isActive: true,
  target: "192.0.2.1",
  targetType: "Ip",
  intervalInHours: 4,
  scannerAgent: { machineId: MACHINE_ID },
};
const signIn = { type: "NoAuthNoPriv", username: "scanner" } as const;

test("sets up a scan, changes it and deletes it; how it signs in is never told", async () => {
  await using defender = await simulatedDefender();
  const { authenticatedScans } = defender.defender;
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.putRows("scanAgents", [
    { id: "a1", machineId: MACHINE_ID, ScannerSoftwareVersion: "7.1.1" },
  ]);

  const { id, ...created } = await authenticatedScans.create({ ...definition, signIn });
  expect(created).toMatchObject({ scanType: "Network", scanName: "Branch offices", scanAuthenticationParams: null });
  expect(await authenticatedScans.update(id, { ...definition, isActive: false })).toMatchObject({ isActive: false });
  expect(await allOf(authenticatedScans.definitions())).toMatchObject([{ id, isActive: false }]);
  await authenticatedScans.batchDelete([id]);
  expect(await allOf(authenticatedScans.definitions())).toEqual([]);
});

test("reads what was scanned, by definition and by session", async () => {
  await using defender = await simulatedDefender();
  const { authenticatedScans } = defender.defender;
  await defender.simulator.putRows("scanHistory", [{ ScanDefinitionIds: "d1", ScanStatus: "Success" }]);
  await defender.simulator.putRows("scanSessions", [{ SessionIds: "s1", NumberOfTargets: 3 }]);

  expect(await allOf(authenticatedScans.historyByDefinition(["d1"]))).toMatchObject([{ ScanStatus: "Success" }]);
  expect(await allOf(authenticatedScans.historyBySession(["s1"]))).toMatchObject([{ NumberOfTargets: 3 }]);
});

test("reads who scans, in whatever case the keys come", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.putRows("scanAgents", [
    { id: "a1", machineId: MACHINE_ID, ScannerSoftwareVersion: "7.1.1" },
  ]);

  expect(await allOf(defender.defender.authenticatedScans.agents())).toMatchObject([
    { ScannerSoftwareVersion: "7.1.1" },
  ]);
  expect(await defender.defender.authenticatedScans.agent("a1")).toMatchObject({ machineId: MACHINE_ID });
});
