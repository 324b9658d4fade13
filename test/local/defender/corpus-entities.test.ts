import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AUDIENCES } from "../../../local/defender/state/app-registration.ts";
import { type Call, GRAPH, type Row, simulatedDefender, XDR } from "./simulated-defender.ts";

/** Payloads printed in Microsoft's documentation, kept beside the project and not part of it. */
const fixtures = new URL("../../../../shared/fixtures/defender/", import.meta.url);
const fixture = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));

/** Every permission there is, on the service whose token is sent. */
const ROLES = {
  defender: [
    "AdvancedQuery.Read.All",
    "Alert.ReadWrite.All",
    "File.Read.All",
    "Machine.Read.All",
    "Machine.ReadWrite.All",
    "RemediationTasks.Read.All",
    "Score.Read.All",
    "SecurityRecommendation.Read.All",
    "Software.Read.All",
    "Ti.ReadWrite.All",
    "Url.Read.All",
    "Vulnerability.Read.All",
  ],
  xdr: ["AdvancedHunting.Read.All", "Incident.ReadWrite.All"],
  graph: ["SecurityAlert.ReadWrite.All", "SecurityIncident.ReadWrite.All", "ThreatHunting.Read.All"],
};

describe.runIf(existsSync(fixtures))("compared with Microsoft's samples", () => {
  let defender: Awaited<ReturnType<typeof simulatedDefender>>;
  let calls: Record<keyof typeof ROLES, Call>;
  let machineId: string;
  let alertId: string;
  let cveId: string;
  let product: string;

  beforeAll(async () => {
    defender = await simulatedDefender({
      settings: { throttling: false, legacyIndicatorActions: true },
      seedData: { seed: 7, machines: 20, alerts: 5 },
    });
    calls = {
      defender: defender.callAs(ROLES.defender, { audience: AUDIENCES.defender[0] as string }),
      xdr: defender.callAs(ROLES.xdr, { audience: XDR }),
      graph: defender.callAs(ROLES.graph, { audience: GRAPH }),
    };
    const { alerts } = await defender.control.state();
    alertId = alerts[0]?.id ?? "";
    const [finding = {}] = await defender.control.rows("machineVulnerabilities");
    machineId = String(finding.machineId);
    cveId = String(finding.cveId);
    product = `${finding.productVendor}-_-${finding.productName}`;
    await defender.call("PATCH", `/api/alerts/${alertId}`, { comment: "Looked at" });
    await defender.call("POST", "/api/indicators", current(fixture("indicator.submit.request.json")));
    // Entities that are only ever put there: what comes back shows the envelope.
    await defender.control.putRows("exposureScores", fixture("exposureScore.byGroups.response.json").value);
    await defender.control.putRows("remediationTasks", fixture("remediationTasks.list.response.json").value);
    await defender.control.putRows(
      "secureConfigurations",
      fixture("export.secureConfig.byMachine.response.json").value,
    );
    const { value } = fixture("remediation.machineReferences.response.json");
    const remediationTaskId = fixture("remediationTasks.list.response.json").value[0].id;
    await defender.control.putRows(
      "remediationTaskMachines",
      value.map((machine: Row) => ({ ...machine, remediationTaskId })),
    );
  });
  afterAll(() => defender.close());

  /** The samples are years old; what they let expire would be refused. */
  const current = (indicator: object) => ({ ...indicator, expirationTime: "2027-01-01T00:00:00Z" });

  const idsOf = () => ({
    machineId,
    alertId,
    cveId,
    product,
    sha1: "4388963aaa83afe2042a46a3c017ad50bdcdafb3",
    taskId: fixture("remediationTasks.list.response.json").value[0].id,
  });

  const entities: [file: string, path: string, service?: keyof typeof ROLES][] = [
    ["alert.domains.response.json", "/api/alerts/{alertId}/domains"],
    ["alert.files.response.json", "/api/alerts/{alertId}/files"],
    ["configurationScore.get.response.json", "/api/configurationScore"],
    ["deviceavinfo.list.response.json", "/api/deviceavinfo"],
    ["domain.stats.response.json", "/api/domains/example.com/stats?lookBackHours=48"],
    ["export.secureConfig.byMachine.response.json", "/api/machines/SecureConfigurationsAssessmentByMachine?pageSize=1"],
    ["export.softwareVulnerabilities.files.response.json", "/api/machines/SoftwareVulnerabilitiesExport"],
    ["exposureScore.byGroups.response.json", "/api/exposureScore/ByMachineGroups"],
    ["exposureScore.get.response.json", "/api/exposureScore"],
    ["graph.alerts_v2.list.response.json", "/graph/v1.0/security/alerts_v2", "graph"],
    ["graph.incidents.list.response.json", "/graph/v1.0/security/incidents", "graph"],
    ["indicators.list.response.json", "/api/indicators"],
    ["machine.software.response.json", "/api/machines/{machineId}/software"],
    ["machine.vulnerabilities.response.json", "/api/machines/{machineId}/vulnerabilities"],
    ["recommendation.get.response.json", "/api/recommendations/va-_-{product}"],
    ["recommendations.list.response.json", "/api/recommendations"],
    ["remediation.machineReferences.response.json", "/api/remediationTasks/{taskId}/machineReferences"],
    ["remediationTasks.list.response.json", "/api/remediationTasks"],
    ["software.distributions.response.json", "/api/Software/{product}/distributions"],
    ["software.get.response.json", "/api/Software/{product}"],
    ["software.list.response.json", "/api/Software"],
    ["software.machineReferences.response.json", "/api/Software/{product}/machineReferences"],
    ["vulnerabilities.machinesVulnerabilities.response.json", "/api/vulnerabilities/machinesVulnerabilities"],
    ["vulnerability.get.response.json", "/api/vulnerabilities/{cveId}"],
  ];

  test.each(entities)("%s: every field is there", async (file, path, service = "defender") => {
    const ids: Record<string, string> = idsOf();
    const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? "");
    const { status, body } = await calls[service]("GET", address);
    const theirs = fixture(file);

    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(expect.arrayContaining(Object.keys(theirs)));
    if (!Array.isArray(theirs.value)) return;
    expect(Object.keys(body.value[0] as Row)).toEqual(expect.arrayContaining(Object.keys(theirs.value[0])));
  });

  test("a file has every field of theirs", async () => {
    const [file = {}] = await defender.control.rows("files");
    const { body } = await defender.call("GET", `/api/files/${file.sha256}`);

    expect(Object.keys(body)).toEqual(expect.arrayContaining(Object.keys(fixture("file.get.response.json"))));
  });

  test("evidence in Graph has every field of theirs, by its type", async () => {
    const [theirs] = fixture("graph.alerts_v2.list.response.json").value;
    const ours = (await calls.graph("GET", `/graph/v1.0/security/alerts_v2/${alertId}`)).body.evidence as Row[];

    for (const type of ["device", "file", "process"]) {
      const ofType = (row: Row) => row["@odata.type"] === `#microsoft.graph.security.${type}Evidence`;
      expect(Object.keys(ours.find(ofType) as Row)).toEqual(
        expect.arrayContaining(Object.keys(theirs.evidence.find(ofType))),
      );
    }
  });

  test("their hunting results come back as they are printed", async () => {
    const answers = [
      ["advancedqueries.run", "/api/advancedqueries/run", "defender", "Results"],
      ["graph.runHuntingQuery", "/graph/v1.0/security/runHuntingQuery", "graph", "results"],
    ] as const;
    for (const [name, path, service, results] of answers) {
      const { "@odata.context": _theirs, ...theirs } = fixture(`${name}.response.json`);
      await defender.control.addHuntingAnswer({ contains: "DeviceProcessEvents", rows: theirs[results] });
      const { body } = await calls[service]("POST", path, fixture(`${name}.request.json`));
      const { "@odata.context": _ours, ...ours } = body;

      expect(ours).toEqual(theirs);
    }
  });

  test("an import answers as theirs", async () => {
    const { Indicators } = fixture("indicators.import.request.json");
    const { body } = await defender.call("POST", "/api/indicators/import", { Indicators: Indicators.map(current) });
    const withoutId = ({ id: _, ...item }: Row) => item;

    expect(body.value.map(withoutId)).toEqual(fixture("indicators.import.response.json").value.map(withoutId));
  });

  test("a scan definition is answered with every field of theirs", async () => {
    const path = "/api/DeviceAuthenticatedScanDefinitions";
    const created = await calls.defender("POST", path, fixture("scanDefinition.create.request.json"));
    const updated = await calls.defender(
      "PATCH",
      `${path}/${created.body.id}`,
      fixture("scanDefinition.update.request.json"),
    );

    for (const [ours, name] of [
      [created.body, "create"],
      [updated.body, "update"],
    ] as const) {
      const theirs = fixture(`scanDefinition.${name}.response.json`);
      expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
      expect(Object.keys(ours.scannerAgent as Row).sort()).toEqual(Object.keys(theirs.scannerAgent).sort());
    }
  });

  test.each([
    ["machine.setDeviceValue", "POST", "/api/machines/{machineId}/setDeviceValue", "defender"],
    ["machine.tags.add", "POST", "/api/machines/{machineId}/tags", "defender"],
    ["xdr.incident.update", "PATCH", "/api/incidents/1000", "xdr"],
    ["xdr.advancedhunting", "POST", "/api/advancedhunting/run", "xdr"],
    ["graph.alert.update", "PATCH", "/graph/v1.0/security/alerts_v2/{alertId}", "graph"],
    ["graph.incident.update", "PATCH", "/graph/v1.0/security/incidents/1000", "graph"],
  ] as const)("%s is taken as theirs", async (name, method, path, service) => {
    const ids: Record<string, string> = idsOf();
    const address = path.replaceAll(/\{(\w+)\}/g, (_, key: string) => ids[key] ?? "");

    expect((await calls[service](method, address, fixture(`${name}.request.json`))).status).toBe(200);
  });

  test("tags of many machines and an alert for an event are taken as theirs", async () => {
    const batch = fixture("machines.tags.batch.request.json");
    const event = fixture("alert.createByReference.request.json");
    await defender.control.addMachines([...batch.MachineIds, event.machineId].map((id) => ({ id })));
    await defender.control.putRows("events", [event]);
    const post = async (path: string, body: object) => (await defender.call("POST", path, body)).status;

    expect(await post("/api/machines/AddOrRemoveTagForMultipleMachines", batch)).toBe(200);
    expect(await post("/api/alerts/CreateAlertByReference", event)).toBe(200);
  });

  test("a batch delete that is theirs is understood, and none of its indicators is there", async () => {
    const order = { IndicatorIds: ["771", "772", "775"] };
    expect(Object.keys(fixture("indicators.batchDelete.request.json"))).toEqual(Object.keys(order));

    expect((await defender.call("POST", "/api/indicators/BatchDelete", order)).status).toBe(404);
  });
});
