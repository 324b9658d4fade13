import { randomUUID } from "node:crypto";
import type { Row } from "../state/table.ts";
import type { Tenant } from "../state/tenant.ts";
import { answerEntity, answerList } from "./entity-list.ts";
import { ApiError, notFound } from "./error.ts";
import { readList, readObject } from "./parameters.ts";
import type { Call, Route } from "./route.ts";

const read = ["Machine.Read.All"];
const write = ["Machine.ReadWrite.All"];
const DEFINITIONS = "DeviceAuthenticatedScanDefinitions";
const AGENTS = "DeviceAuthenticatedScanAgents";
const MOST_IDS = 10_000;

const required: Readonly<Record<string, "string" | "boolean" | "number" | "object">> = {
  scanType: "string",
  scanName: "string",
  isActive: "boolean",
  target: "string",
  intervalInHours: "number",
  targetType: "string",
  scannerAgent: "object",
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-all-scan-definitions */
const listDefinitions: Route = {
  method: "GET",
  path: `/${DEFINITIONS}`,
  roles: read,
  perform: (call) => answerList(call, DEFINITIONS, call.simulator.tenant.tables.scanDefinitions.all()),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/add-a-new-scan-definition */
const addDefinition: Route = {
  method: "POST",
  path: `/${DEFINITIONS}`,
  roles: write,
  perform(call) {
    const { scanAuthenticationParams, ...order } = readDefinition(call.body);
    if (!scanAuthenticationParams) throw missing("scanAuthenticationParams");
    const definition = {
      id: randomUUID(),
      orgId: call.simulator.tenant.id,
      createdBy: call.appId,
      latestScan: { status: null, failureReason: null, executionDateTime: null },
      advancedActiveConfiguration: null,
    };
    return keep(call, definition, order);
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/add-a-new-scan-definition */
const updateDefinition: Route = {
  method: "PATCH",
  path: `/${DEFINITIONS}/{scanDefinitionId}`,
  roles: write,
  perform(call) {
    const { scanDefinitionId = "" } = call.ids;
    const known = call.simulator.tenant.tables.scanDefinitions.get(scanDefinitionId);
    if (!known) throw notFound("Scan definition", scanDefinitionId);
    const { scanAuthenticationParams: _, ...order } = readDefinition(call.body);
    return keep(call, known, order);
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/add-a-new-scan-definition */
const deleteDefinitions: Route = {
  method: "POST",
  path: `/${DEFINITIONS}/BatchDelete`,
  roles: write,
  perform({ simulator: { tenant }, body }) {
    const ids = readIds(body, "ScanDefinitionIds");
    const unknown = ids.find((id) => !tenant.tables.scanDefinitions.get(id));
    if (unknown !== undefined) throw notFound("Scan definition", unknown);
    for (const id of ids) tenant.tables.delete("scanDefinitions", id);
    return { status: 200 };
  },
};

const history = (
  name: string,
  ids: "ScanDefinitionIds" | "SessionIds",
  table: "scanHistory" | "scanSessions",
): Route => ({
  method: "POST",
  path: `/${DEFINITIONS}/${name}`,
  roles: read,
  perform(call) {
    const wanted = readIds(call.body, ids);
    const rows = call.simulator.tenant.tables[table].all().filter((row) => wanted.includes(String(row[ids])));
    return answerList(call, "Collection(microsoft.windowsDefenderATP.api.ScanHistory)", rows);
  },
});

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-all-scan-agents */
const listAgents: Route = {
  method: "GET",
  path: `/${AGENTS}`,
  roles: read,
  perform: (call) => answerList(call, AGENTS, call.simulator.tenant.tables.scanAgents.all()),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-agent-details */
const getAgent: Route = {
  method: "GET",
  path: `/${AGENTS}/{scanAgentId}`,
  roles: read,
  perform(call) {
    const { scanAgentId = "" } = call.ids;
    const agent = call.simulator.tenant.tables.scanAgents.get(scanAgentId);
    return answerEntity(call, AGENTS, agent, "Scan agent", scanAgentId);
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-scan-history-by-definition, get-scan-history-by-session */
export const authenticatedScanRoutes: readonly Route[] = [
  listDefinitions,
  addDefinition,
  deleteDefinitions,
  history("GetScanHistoryByScanDefinitionId", "ScanDefinitionIds", "scanHistory"),
  history("GetScanHistoryBySessionId", "SessionIds", "scanSessions"),
  updateDefinition,
  listAgents,
  getAgent,
];

function readDefinition(body: unknown): Row {
  const order = readObject(body);
  for (const [name, type] of Object.entries(required)) {
    if (order[name] === undefined || order[name] === null) throw missing(name);
    if (typeof order[name] !== type) throw new ApiError(400, "InvalidRequestBody", `'${name}' must be a ${type}.`);
  }
  return order;
}

const missing = (name: string) => new ApiError(400, "MissingRequiredParameter", `The parameter '${name}' is required.`);

const readIds = (body: unknown, name: string): string[] => readList(name, readObject(body)[name], MOST_IDS);

/** Secrets are taken and never shown. */
function keep(call: Call, known: Row, order: Row) {
  const { tenant } = call.simulator;
  const { machineId } = order.scannerAgent as { machineId?: unknown };
  const definition = {
    ...known,
    ...order,
    scanAuthenticationParams: null,
    scannerAgent: agentOn(tenant, String(machineId)),
  };
  tenant.tables.put("scanDefinitions", definition);
  return { status: 200, body: { "@odata.context": call.context(`${DEFINITIONS}/$entity`), ...definition } };
}

function agentOn(tenant: Tenant, machineId: string): Row {
  const machine = tenant.machines.get(machineId)?.machine;
  return {
    id: `${tenant.id}_${machineId}`,
    machineId,
    machineName: machine?.computerDnsName ?? null,
    lastSeen: machine?.lastSeen ?? null,
    assignedApplicationId: null,
    scannerSoftwareVersion: null,
    lastCommandExecutionTimestamp: null,
    mdeClientVersion: null,
    ...tenant.tables.scanAgents.where("machineId", machineId)[0],
  };
}
