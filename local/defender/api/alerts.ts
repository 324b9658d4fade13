import type { Reply } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import { type Alert, isOfEndpoint } from "../state/alert.ts";
import { notFound } from "./error.ts";
import { findMachine, unknown } from "./machines.ts";
import type { Filterable } from "./odata-filter.ts";
import { readListQuery } from "./odata-list.ts";
import type { Call, Route } from "./route.ts";

const filterable: Filterable = {
  alertCreationTime: "time",
  lastUpdateTime: "time",
  lastEventTime: "time",
  incidentId: "number",
  investigationId: "number",
  id: "text",
  assignedTo: "text",
  detectionSource: "text",
  status: "text",
  severity: "text",
  category: "text",
};

const roles = ["Alert.ReadWrite.All"];

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-alerts */
const getAlerts: Route = {
  method: "GET",
  path: "/alerts",
  roles,
  perform: (call) => listAlerts(call, [...call.simulator.tenant.alerts.values()].filter(isOfEndpoint).reverse()),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-related-alerts */
const getMachineAlerts: Route = {
  method: "GET",
  path: "/machines/{machineId}/alerts",
  roles,
  perform: (call) => listAlerts(call, alertsOfMachine(call)),
};

/** Answers a bare number. https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-odata-samples */
const countMachineAlerts: Route = {
  method: "GET",
  path: "/machines/{machineId}/alerts/$count",
  roles,
  perform(call) {
    const { filter } = readListQuery(call.query, filterable, { address: call.address });
    return { status: 200, body: String(alertsOfMachine(call).filter(filter.matches).length) };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-info-by-id */
const getAlert: Route = {
  method: "GET",
  path: "/alerts/{alertId}",
  roles,
  perform: (call) => answerAlert(call, findAlert(call)),
};

export const alertRoutes: readonly Route[] = [getAlerts, getMachineAlerts, countMachineAlerts, getAlert];

type Asked = { simulator: Simulator; ids: Call["ids"] };

/** The alert of Defender for Endpoint that the address names, or a refusal. */
export function findAlert(asked: Asked): Alert {
  const alert = findAnyAlert(asked);
  if (!isOfEndpoint(alert)) throw notFound("Alert", alert.id);
  return alert;
}

/** The alert of any product that the address names, or a refusal. */
export function findAnyAlert({ simulator, ids: { alertId = "" } }: Asked): Alert {
  const alert = simulator.alert(alertId);
  if (!alert) throw notFound("Alert", alertId);
  return alert;
}

export const answerAlert = ({ context }: Call, alert: Alert): Reply => ({
  status: 200,
  body: { "@odata.context": context("Alerts/$entity"), ...alert },
});

/** Those the query asks for; evidence only on request. */
export function listAlerts({ query, address, context }: Call, alerts: Alert[]): Reply {
  const { filter, expands, page } = readListQuery(query, filterable, { address, expandable: "evidence" });
  const { value, ...link } = page(alerts.filter(filter.matches));
  const rows = expands ? value : value.map((alert) => ({ ...alert, evidence: [] }));
  return { status: 200, body: { "@odata.context": context("Alerts"), value: rows, ...link } };
}

/** Newest first. */
function alertsOfMachine({ simulator, ids: { machineId = "" } }: Call): Alert[] {
  const { machine } = findMachine(simulator, machineId) ?? unknown(machineId);
  return [...simulator.tenant.alerts.values()].filter((alert) => alert.machineId === machine.id).reverse();
}
