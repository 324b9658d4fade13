import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { Alert, AlertId } from "../../../shared/defender/alerts/alert.ts";
import { alertCalls } from "../../../shared/defender/alerts/calls.ts";
import { createAlerts } from "../../../shared/defender/alerts/client.ts";
import { AntivirusHealth } from "../../../shared/defender/antivirus-health/antivirus-health.ts";
import { authenticatedScanCalls } from "../../../shared/defender/authenticated-scans/calls.ts";
import { createAuthenticatedScans } from "../../../shared/defender/authenticated-scans/client.ts";
import { domainCalls } from "../../../shared/defender/domains/calls.ts";
import { RelatedDomain } from "../../../shared/defender/domains/domain.ts";
import { fileExportCalls } from "../../../shared/defender/exports/calls.ts";
import { SecureConfigurationRow } from "../../../shared/defender/exports/rows.ts";
import { fileCalls } from "../../../shared/defender/files/calls.ts";
import { File } from "../../../shared/defender/files/file.ts";
import { GraphAlert } from "../../../shared/defender/graph-alerts/alert.ts";
import { createGraphAlerts } from "../../../shared/defender/graph-alerts/client.ts";
import { createGraphIncidents } from "../../../shared/defender/graph-incidents/client.ts";
import { GraphIncident, IncidentId } from "../../../shared/defender/graph-incidents/incident.ts";
import { huntingCalls } from "../../../shared/defender/hunting/calls.ts";
import { createHunting } from "../../../shared/defender/hunting/client.ts";
import { createIndicators } from "../../../shared/defender/indicators/client.ts";
import { ImportResult, Indicator } from "../../../shared/defender/indicators/indicator.ts";
import { investigationCalls } from "../../../shared/defender/investigations/calls.ts";
import { createInvestigations } from "../../../shared/defender/investigations/client.ts";
import { LibraryFile } from "../../../shared/defender/library-files/library-file.ts";
import { createLiveResponse } from "../../../shared/defender/live-response/client.ts";
import { machineActionCalls } from "../../../shared/defender/machine-actions/calls.ts";
import { createMachineActions } from "../../../shared/defender/machine-actions/client.ts";
import { Link } from "../../../shared/defender/machine-actions/link.ts";
import { createListPace } from "../../../shared/defender/machine-actions/list-pace.ts";
import { MachineAction } from "../../../shared/defender/machine-actions/machine-action.ts";
import { machineCalls } from "../../../shared/defender/machines/calls.ts";
import { createMachines } from "../../../shared/defender/machines/client.ts";
import { Machine, MachineId } from "../../../shared/defender/machines/machine.ts";
import { MachineReference } from "../../../shared/defender/machines/machine-reference.ts";
import { Page } from "../../../shared/defender/odata/list.ts";
import { recommendationCalls } from "../../../shared/defender/recommendations/calls.ts";
import { Recommendation } from "../../../shared/defender/recommendations/recommendation.ts";
import { RemediationTask } from "../../../shared/defender/remediation-tasks/remediation-task.ts";
import { scoreCalls } from "../../../shared/defender/scores/calls.ts";
import { Score } from "../../../shared/defender/scores/score.ts";
import { softwareCalls } from "../../../shared/defender/software/calls.ts";
import { Software, VersionDistribution } from "../../../shared/defender/software/software.ts";
import { vulnerabilityCalls } from "../../../shared/defender/vulnerabilities/calls.ts";
import { MachineVulnerability, Vulnerability } from "../../../shared/defender/vulnerabilities/vulnerability.ts";
import { createXdrIncidents } from "../../../shared/defender/xdr-incidents/client.ts";
import { parseExactJson } from "../../../shared/exact-json.ts";
import { ALERT_ID, MACHINE_ID } from "../../helpers/builders.ts";
import { notedSend } from "../../helpers/sent.ts";

/** Payloads printed in Microsoft's documentation, kept beside the project and not part of it. */
const fixtures = new URL("../../../../shared/fixtures/defender/", import.meta.url);
const isThere = existsSync(fixtures);
// biome-ignore lint/suspicious/noExplicitAny: a payload is whatever the documentation prints
const fixture = (name: string): any => parseExactJson(readFileSync(new URL(name, fixtures), "utf8"));

/** What answers with one thing, and what the thing is read with. */
const ENTITIES: Record<string, z.ZodType> = {
  "advancedqueries.run.response.json": huntingCalls.defender.answer,
  "alert.get.response.json": alertCalls.get.answer,
  "configurationScore.get.response.json": scoreCalls.configuration.answer,
  "domain.stats.response.json": domainCalls.statistics.answer,
  "export.softwareVulnerabilities.files.response.json": fileExportCalls.softwareVulnerabilities.answer,
  "exposureScore.get.response.json": scoreCalls.exposure.answer,
  "file.get.response.json": fileCalls.get.answer,
  "graph.runHuntingQuery.response.json": huntingCalls.graph.answer,
  "investigation.entity.json": investigationCalls.get.answer,
  "liveresponse.result-link.response.json": Link,
  "machine.get.response.json": machineCalls.get.answer,
  "machineaction.entity.json": machineActionCalls.get.answer,
  "machineaction.get.response.json": machineActionCalls.get.answer,
  "recommendation.get.response.json": recommendationCalls.get.answer,
  "scanDefinition.create.response.json": authenticatedScanCalls.create.answer,
  "scanDefinition.update.response.json": authenticatedScanCalls.update.answer,
  "software.get.response.json": softwareCalls.get.answer,
  "vulnerability.get.response.json": vulnerabilityCalls.get.answer,
};

/** What answers with a list, and what each row is read with. */
const LISTS: Record<string, z.ZodType> = {
  "alert.domains.response.json": RelatedDomain,
  "alert.files.response.json": File,
  "alerts.list.response.json": Alert,
  "deviceavinfo.list.response.json": AntivirusHealth,
  "export.secureConfig.byMachine.response.json": SecureConfigurationRow,
  "exposureScore.byGroups.response.json": Score,
  "graph.alerts_v2.list.response.json": GraphAlert,
  "graph.incidents.list.response.json": GraphIncident,
  "indicators.import.response.json": ImportResult,
  "indicators.list.response.json": Indicator,
  "libraryfiles.list.response.json": LibraryFile,
  "machine.software.response.json": Software,
  "machine.vulnerabilities.response.json": Vulnerability,
  "machineactions.list.response.json": MachineAction,
  "machines.list.filter-health.response.json": Machine,
  "machines.list.response.json": Machine,
  "recommendations.list.response.json": Recommendation,
  "remediation.machineReferences.response.json": MachineReference,
  "remediationTasks.list.response.json": RemediationTask,
  "software.distributions.response.json": VersionDistribution,
  "software.list.response.json": Software,
  "software.machineReferences.response.json": MachineReference,
  "vulnerabilities.machinesVulnerabilities.response.json": MachineVulnerability,
};

const machineId = MachineId.parse(MACHINE_ID);
const alertId = AlertId.parse(ALERT_ID);
const incidentId = IncidentId.parse("2972395");

type Clients = ReturnType<typeof clientsOf>;
const clientsOf = (send: ReturnType<typeof notedSend>["send"]) => ({
  alerts: createAlerts(send),
  graphAlerts: createGraphAlerts(send),
  graphHunting: createHunting(send, "graph"),
  defenderHunting: createHunting(send, "defender"),
  graphIncidents: createGraphIncidents(send),
  indicators: createIndicators(send),
  investigations: createInvestigations(send),
  liveResponse: createLiveResponse(send),
  machineActions: createMachineActions(send, createListPace({})),
  machines: createMachines(send),
  scans: createAuthenticatedScans(send),
  xdrIncidents: createXdrIncidents(send),
});

/** How a client is asked for what the documentation sends. Bodies sent in parts are taken together. */
// biome-ignore lint/suspicious/noExplicitAny: a payload is whatever the documentation prints
const REQUESTS: Record<string, (clients: Clients, theirs: any) => Promise<unknown>> = {
  "advancedqueries.run.request.json": ({ defenderHunting }, { Query }) => defenderHunting.run(Query),
  "alert.createByReference.request.json": ({ alerts }, theirs) => alerts.createByReference(theirs),
  "alert.update.request.json": ({ alerts }, theirs) => alerts.update(alertId, theirs),
  "collectInvestigationPackage.request.json": ({ machineActions }, { Comment }) =>
    machineActions.collectInvestigationPackage(machineId, { comment: Comment }),
  "graph.alert.update.request.json": ({ graphAlerts }, theirs) => graphAlerts.update(alertId, theirs),
  "graph.incident.update.request.json": ({ graphIncidents }, theirs) => graphIncidents.update(incidentId, theirs),
  "graph.runHuntingQuery.request.json": ({ graphHunting }, { Query }) => graphHunting.run(Query),
  "indicator.submit.request.json": ({ indicators }, theirs) => indicators.submit(theirs),
  "indicators.batchDelete.request.json": ({ indicators }, { IndicatorIds }) => indicators.batchDelete(IndicatorIds),
  "indicators.import.request.json": ({ indicators }, { Indicators }) => indicators.import(Indicators),
  "isolate.request.json": ({ machineActions }, { Comment, IsolationType }) =>
    machineActions.isolate(machineId, { comment: Comment, isolationType: IsolationType }),
  "machine.setDeviceValue.request.json": ({ machines }, { DeviceValue }) =>
    machines.setDeviceValue(machineId, DeviceValue),
  "machine.tags.add.request.json": ({ machines }, { Value }) => machines.addTag(machineId, Value),
  "machines.tags.batch.request.json": ({ machines }, { Value, MachineIds }) => machines.addTagToMany(MachineIds, Value),
  "offboard.request.json": ({ machineActions }, { Comment }) =>
    machineActions.offboard(machineId, { comment: Comment }),
  "restrictCodeExecution.request.json": ({ machineActions }, { Comment }) =>
    machineActions.restrictCodeExecution(machineId, { comment: Comment }),
  "runAntiVirusScan.request.json": ({ machineActions }, { Comment, ScanType }) =>
    machineActions.runAntiVirusScan(machineId, { comment: Comment, scanType: ScanType }),
  "runliveresponse.request.json": ({ liveResponse }, { Commands, Comment }) =>
    liveResponse.run(machineId, { commands: Commands.map(commandOf), comment: Comment }),
  "scanDefinition.create.request.json": ({ scans }, theirs) => scans.create(scanOf(theirs)),
  "scanDefinition.update.request.json": ({ scans }, theirs) => scans.update("d14cefe1", scanOf(theirs)),
  "startInvestigation.request.json": ({ investigations }, { Comment }) =>
    investigations.start(machineId, { comment: Comment }),
  "unisolate.request.json": ({ machineActions }, { Comment }) =>
    machineActions.release(machineId, { comment: Comment }),
  "xdr.incident.update.request.json": ({ xdrIncidents }, theirs) => xdrIncidents.update(1, theirs),
};

const NAMES: Record<string, string> = { FileName: "fileName", ScriptName: "scriptName", Args: "args", Path: "path" };

// biome-ignore lint/suspicious/noExplicitAny: a payload is whatever the documentation prints
const commandOf = ({ type, params }: any) => ({
  type,
  ...Object.fromEntries(params.map(({ key, value }: { key: string; value: string }) => [NAMES[key], value])),
});

// biome-ignore lint/suspicious/noExplicitAny: a payload is whatever the documentation prints
function scanOf({ scanType, scanAuthenticationParams, ...definition }: any) {
  const { "@odata.type": _, ...signIn } = scanAuthenticationParams;
  return { ...definition, signIn };
}

/** Read or sent by nothing here, and why. */
const UNUSED: Record<string, string> = {
  "README.md": "it is about the others",
  "error.ResourceNotFound.response.json": "refusals are read in any shape; see send.test.ts",
  "runliveresponse.response.json": "its ids are placeholders",
  "siem.detections.response.json": "the interface is retired",
  "token.response.json": "tokens are fetched by Azure's identity library",
  "xdr.advancedhunting.request.json": "hunting goes to Graph, or to Defender for Endpoint",
};

const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe.runIf(isThere)("compared with Microsoft's samples", () => {
  test.each(Object.entries(ENTITIES))("%s is read whole, and nothing of it is lost", (name, schema) => {
    const theirs = fixture(name);

    expect(written(schema.parse(theirs))).toStrictEqual(theirs);
  });

  test.each(Object.entries(LISTS))("every row of %s is read whole, and nothing of it is lost", (name, schema) => {
    const theirs = fixture(name);

    expect(theirs.value.length).toBeGreaterThan(0);
    const { value, ...page } = Page.parse(theirs);
    expect(written({ ...page, value: value.map((row) => schema.parse(row)) })).toStrictEqual(theirs);
  });

  test.each(Object.entries(REQUESTS))("%s is what the client sends", async (name, ask) => {
    const theirs = fixture(name);
    const { bodies, send } = notedSend({ value: [], schema: [], results: [] });
    await ask(clientsOf(send), theirs);

    expect(Object.assign({}, ...bodies)).toStrictEqual(theirs);
  });

  test("every sample has its place here", () => {
    const claimed = [ENTITIES, LISTS, REQUESTS, UNUSED].flatMap((cases) => Object.keys(cases));
    expect(readdirSync(fixtures).sort()).toEqual(claimed.sort());
  });
});
