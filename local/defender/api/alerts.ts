import type { Simulator } from "../simulator.ts";
import type { Alert } from "../state/alert.ts";
import { toDefenderTime } from "../state/timestamp.ts";
import { ApiError, notFound } from "./error.ts";
import { findMachine, unknown } from "./machines.ts";
import type { Filterable } from "./odata-filter.ts";
import { readListQuery } from "./odata-list.ts";
import { readObject } from "./parameters.ts";
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
const listAlerts: Route = {
  method: "GET",
  path: "/alerts",
  roles,
  perform: (call) => list(call, [...call.simulator.tenant.alerts.values()]),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-machine-related-alerts */
const listMachineAlerts: Route = {
  method: "GET",
  path: "/machines/{machineId}/alerts",
  roles,
  perform(call) {
    const { machine } = findMachine(call.simulator, call.ids.machineId ?? "") ?? unknown(call.ids.machineId ?? "");
    return list(
      call,
      [...call.simulator.tenant.alerts.values()].filter(({ machineId }) => machineId === machine.id),
    );
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-info-by-id */
const getAlert: Route = {
  method: "GET",
  path: "/alerts/{alertId}",
  roles,
  perform: ({ simulator, ids, context }) => ({
    status: 200,
    body: { "@odata.context": context("Alerts/$entity"), ...findAlert(simulator, ids) },
  }),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/update-alert */
const updateAlert: Route = {
  method: "PATCH",
  path: "/alerts/{alertId}",
  roles,
  perform({ simulator, ids, body, appId, context }) {
    const alert = findAlert(simulator, ids);
    const { comment, ...changes } = readAlertChanges(body);
    const time = toDefenderTime(simulator.tenant.now());
    const updated: Alert = {
      ...alert,
      ...changes,
      ...(changes.status && { resolvedTime: changes.status === "Resolved" ? time : null }),
      lastUpdateTime: time,
      comments: comment ? [...alert.comments, { comment, createdBy: appId, createdTime: time }] : alert.comments,
    };
    simulator.tenant.putAlert(updated);
    return { status: 200, body: { "@odata.context": context("Alerts/$entity"), ...updated } };
  },
};

export const alertRoutes: readonly Route[] = [listAlerts, listMachineAlerts, getAlert, updateAlert];

/** Values accepted on write. The pages disagree on two determinations, so both spellings of those pass. */
const accepted: Record<string, readonly string[] | "any text"> = {
  status: ["New", "InProgress", "Resolved"],
  assignedTo: "any text",
  classification: ["TruePositive", "InformationalExpectedActivity", "FalsePositive"],
  determination: [
    "MultiStagedAttack",
    "MaliciousUserActivity",
    "CompromisedUser",
    "Malware",
    "Phishing",
    "UnwantedSoftware",
    "SecurityTesting",
    "LineOfBusinessApplication",
    "ConfirmedUserActivity",
    "ConfirmedActivity",
    "Clean",
    "NotMalicious",
    "InsufficientData",
    "Other",
  ],
  comment: "any text",
};

interface AlertChanges {
  status?: string;
  assignedTo?: string;
  classification?: string;
  determination?: string;
  comment?: string;
}

function readAlertChanges(body: unknown): AlertChanges {
  const changes = readObject(body);
  for (const [name, value] of Object.entries(changes)) {
    const values = accepted[name];
    if (!values) throw new ApiError(400, "InvalidRequestBody", `An alert's '${name}' cannot be changed.`);
    if (typeof value !== "string") throw new ApiError(400, "InvalidRequestBody", `'${name}' must be a text.`);
    if (values !== "any text" && !values.includes(value)) {
      throw new ApiError(400, "InvalidInput", `'${value}' is not a ${name}. Known are ${values.join(", ")}.`);
    }
  }
  return changes;
}

function findAlert(simulator: Simulator, { alertId = "" }: Call["ids"]): Alert {
  const alert = simulator.alert(alertId);
  if (!alert) throw notFound("Alert", alertId);
  return alert;
}

/** Newest first; evidence only on request. */
function list({ query, address, context }: Call, alerts: Alert[]) {
  const { filter, expandsEvidence, page } = readListQuery(query, filterable, { address, canExpand: true });
  const { value, ...link } = page(alerts.filter(filter.matches).reverse());
  const rows = expandsEvidence ? value : value.map((alert) => ({ ...alert, evidence: [] }));
  return { status: 200, body: { "@odata.context": context("Alerts"), value: rows, ...link } };
}
