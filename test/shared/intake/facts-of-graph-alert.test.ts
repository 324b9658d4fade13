import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { GraphAlert } from "../../../shared/defender/graph-alerts/alert.ts";
import { mergeFacts } from "../../../shared/intake/alert-facts.ts";
import { factsOfAlert } from "../../../shared/intake/facts-of-alert.ts";
import { factsOfGraphAlert } from "../../../shared/intake/facts-of-graph-alert.ts";
import { ALERT_ID, anAlert, MACHINE_ID } from "../../helpers/builders.ts";

const TENANT = "6b7c1f0e-52d4-4c39-9a4e-8f0d2f6f4c11";
const OTHER_ID = "ab".repeat(20);

const evidence = (kind: string, fields: object = {}) => ({
  "@odata.type": `#microsoft.graph.security.${kind}Evidence`,
  roles: [],
  detailedRoles: [],
  ...fields,
});
const device = (fields: object = {}) => evidence("device", { mdeDeviceId: MACHINE_ID, ...fields });

const aGraphAlert = (changes: object = {}): GraphAlert =>
  GraphAlert.parse({
    id: ALERT_ID,
    title: "Hands-on keyboard attack",
    severity: "high",
    serviceSource: "microsoftDefenderForEndpoint",
    detectionSource: "antivirus",
    evidence: [device({ roles: ["compromised"] })],
    ...changes,
  });
const factsOf = (changes: object = {}) => factsOfGraphAlert(aGraphAlert(changes), TENANT);
const machinesOf = (...items: object[]) => {
  const { machineIds, relatedMachineIds } = factsOf({ evidence: items });
  return { hit: machineIds, related: relatedMachineIds };
};

test("says all that Graph says of an alert, in the stream's spelling", () => {
  const facts = factsOf({
    incidentId: "28282",
    category: "DefenseEvasion",
    categories: ["DefenseEvasion", "Execution"],
    mitreTechniques: ["T1564.001"],
    createdDateTime: "2021-04-27T12:19:27.7211305Z",
    lastUpdateDateTime: "2021-05-02T14:19:01.3266667Z",
    evidence: [
      device({ roles: ["compromised"] }),
      evidence("user", { userAccount: { accountName: "jane", domainName: "CONTOSO", userPrincipalName: null } }),
      evidence("process", { mdeDeviceId: OTHER_ID, userAccount: { accountName: "SYSTEM" } }),
      evidence("user", { userAccount: null }),
    ],
  });

  expect(facts).toEqual({
    tenantId: TENANT,
    alertId: ALERT_ID,
    title: "Hands-on keyboard attack",
    severity: "High",
    categories: ["DefenseEvasion", "Execution"],
    serviceSource: "Microsoft Defender for Endpoint",
    detectionSource: "Antivirus",
    techniques: ["T1564.001"],
    users: ["CONTOSO\\jane"],
    incidentId: "28282",
    machineIds: [MACHINE_ID],
    impactedMachineIds: [MACHINE_ID],
    relatedMachineIds: [],
    namedMachineIds: [MACHINE_ID],
    publishedAt: "2021-04-27T12:19:27.7211305Z",
  });
});

test("is about the same alert as the alerts API, even where the provider writes its id without the prefix", () => {
  const id = "da7d9031bd-68b8-4a8b-9a0a-e3789eba907d_1";
  const graph = factsOf({ id, providerAlertId: id.slice(2) });

  expect(mergeFacts([graph, factsOfAlert(anAlert({ id }), TENANT)])).toHaveLength(1);
});

describe("the machines that were hit", () => {
  test("are those whose role says so, however it is written", () => {
    const both = [device(), device({ mdeDeviceId: OTHER_ID, detailedRoles: ["Main device"] })];
    expect(machinesOf(...both)).toEqual({ hit: [OTHER_ID], related: [] });
    expect(machinesOf(...both.reverse())).toEqual({ hit: [OTHER_ID], related: [] });
    expect(machinesOf(device({ detailedRoles: ["PrimaryDevice"] })).hit).toEqual([MACHINE_ID]);
    expect(machinesOf(device({ roles: ["attacked", "destination"] })).hit).toEqual([MACHINE_ID]);
  });

  test("are the only one there is, where it has no role", () => {
    expect(machinesOf(device(), device()).hit).toEqual([MACHINE_ID]);
  });

  test("are not known where several have no role, so that the alert is looked up", () => {
    expect(machinesOf(device(), device({ mdeDeviceId: OTHER_ID }))).toEqual({ hit: [], related: [] });
  });

  test.each(["contextual", "scanned", "source", "destination"])("are not those that are merely %s", (role) => {
    expect(machinesOf(device({ roles: [role] }))).toEqual({ hit: [], related: [MACHINE_ID] });
  });

  test("are as many as can be kept, where the whole fleet was hit", () => {
    const idOf = (index: number) => index.toString(16).padStart(40, "0");
    const fleet = Array.from({ length: 700 }, (_, index) => device({ mdeDeviceId: idOf(index), roles: ["attacked"] }));
    expect(machinesOf(...fleet).hit).toHaveLength(500);
  });

  test("are none that has no exact id, and none that only a process names", () => {
    const nameOnly = device({ mdeDeviceId: null, deviceDnsName: "fin-laptop-07", roles: ["compromised"] });
    const onProcess = evidence("process", { mdeDeviceId: OTHER_ID, roles: ["compromised"] });
    expect(machinesOf(nameOnly, device({ mdeDeviceId: "fin-laptop-07" }), onProcess)).toEqual({ hit: [], related: [] });
  });
});

test("knows nothing of what Graph leaves open", () => {
  const facts = factsOf({ severity: "unknownFutureValue", serviceSource: "unknown", title: "", evidence: null });

  expect(facts).toMatchObject({ categories: [], techniques: [], users: [], machineIds: [] });
  for (const unknown of [facts.severity, facts.serviceSource, facts.title, facts.incidentId]) {
    expect(unknown).toBeUndefined();
  }
});

test.each([
  ["azureAdIdentityProtection", "AAD Identity Protection"],
  ["microsoftDefenderForOffice365", "Microsoft Defender for Office 365"],
  ["MicrosoftDefenderforOffice365", "Microsoft Defender for Office 365"],
  ["microsoft365Defender", "Microsoft Defender XDR"],
  ["microsoftSentinel", "Microsoft Sentinel"],
  ["someProductOfTomorrow", "someProductOfTomorrow"],
])("knows the product %s as %s", (serviceSource, name) => {
  expect(factsOf({ serviceSource }).serviceSource).toBe(name);
});

const fixtures = new URL("../../../../shared/fixtures/", import.meta.url);
const fixture = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));

describe.runIf(existsSync(fixtures))("of real alerts", () => {
  test("says which device was hit, though its role is in the details only", () => {
    const facts = factsOfGraphAlert(GraphAlert.parse(fixture("streaming/graph-alert-v2-live.json")), TENANT);

    expect(facts).toMatchObject({
      alertId: "da7d9031bd-68b8-4a8b-9a0a-e3789eba907d_1",
      severity: "Low",
      categories: ["Collection", "InitialAccess"],
      detectionSource: "EDR",
      techniques: ["T1119", "T1185"],
      users: ["user1@example.com"],
      incidentId: "8",
      impactedMachineIds: ["66fceb9a6ccb7662d1bd19b9e0e4055dc7a4269b"],
    });
  });

  test("says of Microsoft's sample what its documentation shows", () => {
    const [alert] = fixture("defender/graph.alerts_v2.list.response.json").value;

    expect(factsOfGraphAlert(GraphAlert.parse(alert), TENANT)).toMatchObject({
      severity: "Low",
      serviceSource: "Microsoft Defender for Endpoint",
      detectionSource: "Antivirus",
      techniques: ["T1564.001"],
      machineIds: ["73e7e2de709dff64ef64b1d0c30e67fab63279db"],
    });
  });
});
