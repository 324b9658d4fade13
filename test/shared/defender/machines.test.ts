import { expect, test } from "vitest";
import { machineCalls } from "../../../shared/defender/machines/calls.ts";
import { MachineId } from "../../../shared/defender/machines/machine.ts";
import { and, eq, instant, startsWith } from "../../../shared/defender/odata/filter.ts";
import { allOf } from "../../../shared/defender/odata/list.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";
import { putExposure } from "../../helpers/exposure.ts";

contractFor(machineCalls);

const machineId = MachineId.parse(MACHINE_ID);
const minutesAgo = (count: number) => instant(new Date(Date.now() - count * 60_000).toISOString());

test("lists nothing where Defender answers that there are no machines", async () => {
  await using defender = await simulatedDefender();

  expect(await allOf(defender.defender.machines.list())).toEqual([]);
  expect(await defender.simulator.journal({ path: "/api/machines" })).toMatchObject([{ status: 404 }]);
});

test("finds machines by what a filter says, quotes in it included", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachines([
    { computerDnsName: "o'neill-07", riskScore: "High" },
    { computerDnsName: "o'neill-08", riskScore: "Low" },
  ]);

  const filter = and(startsWith("computerDnsName", "o'neill"), eq("riskScore", "High"));
  const found = await allOf(defender.defender.machines.list({ filter }));
  expect(found).toMatchObject([{ computerDnsName: "o'neill-07" }]);
});

test("lists more machines than a page holds", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachines(Array.from({ length: 10_001 }, () => ({})));

  const machines = await allOf(defender.defender.machines.list());
  expect(new Set(machines.map(({ id }) => id)).size).toBe(10_001);
  const calls = await defender.simulator.journal({ path: "/api/machines" });
  expect(calls.map(({ query }) => query)).toEqual(["$top=10000", "$top=10000&$skip=10000"]);
});

test("finds who had an internal address at a time, by either form of the call", async () => {
  await using defender = await simulatedDefender();
  const { machines } = defender.defender;
  const { id } = await defender.simulator.addMachine({ lastIpAddress: "10.1.2.3" });

  expect(await allOf(machines.findByIp("10.1.2.3", { at: minutesAgo(5) }))).toMatchObject([{ id }]);
  expect(await allOf(machines.findByInternalIp("10.1.2.3", { at: minutesAgo(5) }))).toMatchObject([{ id }]);
  expect(await allOf(machines.findByIp("10.9.9.9", { at: minutesAgo(5) }))).toEqual([]);
  expect(await allOf(machines.findByInternalIp("10.9.9.9", { at: minutesAgo(5) }))).toEqual([]);
});

test("says that a time is too long ago to find machines by", async () => {
  await using defender = await simulatedDefender();
  const found = allOf(defender.defender.machines.findByIp("10.1.2.3", { at: instant("2020-01-01T00:00:00Z") }));

  await expect(found).rejects.toMatchObject({ name: "DefenderRefusedError", call: { status: 400 } });
});

test("sets a tag, finds machines by it, also by how it begins, and takes it off", async () => {
  await using defender = await simulatedDefender();
  const { machines } = defender.defender;
  await defender.simulator.addMachine({ id: MACHINE_ID, machineTags: ["finance"] });

  expect(await machines.addTag(machineId, "under watch & more")).toMatchObject({
    machineTags: ["finance", "under watch & more"],
  });
  expect(await allOf(machines.findByTag("under watch & more"))).toMatchObject([{ id: MACHINE_ID }]);
  expect(await allOf(machines.findByTag("under"))).toEqual([]);
  expect(await allOf(machines.findByTag("under", { startsWith: true }))).toMatchObject([{ id: MACHINE_ID }]);
  expect(await machines.removeTag(machineId, "under watch & more")).toMatchObject({ machineTags: ["finance"] });
});

test("tags any number of machines, 500 a call", async () => {
  await using defender = await simulatedDefender();
  const added = await defender.simulator.addMachines(Array.from({ length: 501 }, () => ({})));
  const ids = added.map(({ id }) => MachineId.parse(id));

  await defender.defender.machines.addTagToMany(ids, "wave-1");
  expect(await allOf(defender.defender.machines.findByTag("wave-1"))).toHaveLength(501);
  await defender.defender.machines.removeTagFromMany(ids, "wave-1");
  expect(await allOf(defender.defender.machines.findByTag("wave-1"))).toEqual([]);

  const calls = await defender.simulator.journal({ path: "*/AddOrRemoveTagForMultipleMachines" });
  const sizes = calls.map(({ body }) => (body as { MachineIds: string[] }).MachineIds.length);
  expect(sizes).toEqual([500, 1, 500, 1]);
});

test("sets the value of a device", async () => {
  await using defender = await simulatedDefender();
  await defender.simulator.addMachine({ id: MACHINE_ID });

  expect(await defender.defender.machines.setDeviceValue(machineId, "High")).toMatchObject({ deviceValue: "High" });
  expect(await defender.defender.machines.get(machineId)).toMatchObject({ id: MACHINE_ID, deviceValue: "High" });
});

test("reads the alerts and users of a machine, and counts the alerts", async () => {
  await using defender = await simulatedDefender();
  const { machines } = defender.defender;
  await defender.simulator.addMachine({ id: MACHINE_ID });
  await defender.simulator.addAlerts([
    { machineId: MACHINE_ID, severity: "High" },
    { machineId: MACHINE_ID, severity: "Low" },
    { severity: "High" },
  ]);

  const filter = eq("severity", "High");
  expect(await allOf(machines.alerts(machineId, { filter }))).toHaveLength(1);
  expect(await machines.countAlerts(machineId)).toBe(2);
  expect(await machines.countAlerts(machineId, filter)).toBe(1);
  expect(await machines.loggedOnUsers(machineId)).toMatchObject([{ accountDomain: "contoso" }]);
});

test("reads what is installed on a machine, what is wrong with it, and what would mend it", async () => {
  await using defender = await simulatedDefender();
  const { machines } = defender.defender;
  await putExposure(defender.simulator);

  expect(await allOf(machines.software(machineId))).toMatchObject([{ id: "contoso-_-reader" }]);
  expect(await allOf(machines.vulnerabilities(machineId))).toMatchObject([{ id: "CVE-2026-0001", cvssV3: 9.8 }]);
  expect(await allOf(machines.recommendations(machineId))).toMatchObject([{ id: "va-_-contoso-_-reader" }]);
  expect(await allOf(machines.missingUpdates(machineId))).toMatchObject([{ id: "5001234", cveAddressed: 2 }]);
});

test("says so when a machine is unknown", async () => {
  await using defender = await simulatedDefender();

  await expect(defender.defender.machines.get(machineId)).rejects.toMatchObject({ name: "DefenderNotFoundError" });
  await expect(allOf(defender.defender.machines.software(machineId))).rejects.toMatchObject({
    code: "ResourceNotFound",
  });
});
