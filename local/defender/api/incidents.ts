import type { Alert } from "../state/alert.ts";
import { allIncidents, type Incident } from "../state/incident.ts";
import type { Machine } from "../state/machine.ts";
import type { Tenant } from "../state/tenant.ts";
import { ApiError } from "./error.ts";
import { incidentOf, readIncidentChanges, updateIncident } from "./incident-changes.ts";
import type { Filterable } from "./odata-filter.ts";
import { readListQuery } from "./odata-list.ts";
import type { Route } from "./route.ts";

const roles = ["Incident.Read.All", "Incident.ReadWrite.All"];

const filterable: Filterable = { lastUpdateTime: "time", createdTime: "time", status: "text", assignedTo: "text" };

/** https://learn.microsoft.com/en-us/defender-xdr/api-list-incidents */
const listIncidents: Route = {
  method: "GET",
  path: "/incidents",
  service: "xdr",
  roles,
  limit: { perMinute: 50, perHour: 1500 },
  perform({ simulator: { tenant }, query, address, context }) {
    const { filter, page } = readListQuery(query, filterable, { address, largestPage: 100 });
    const { value, ...link } = page(allIncidents(tenant).filter(filter.matches));
    const incidents = value.map((incident) => print(incident, tenant));
    return { status: 200, body: { "@odata.context": context("Incidents"), value: incidents, ...link } };
  },
};

/** https://learn.microsoft.com/en-us/defender-xdr/api-get-incident */
const getIncident: Route = {
  method: "GET",
  path: "/incidents/{incidentId}",
  service: "xdr",
  roles,
  perform: (call) => ({
    status: 200,
    body: { "@odata.context": call.context("Incidents/$entity"), ...print(incidentOf(call), call.simulator.tenant) },
  }),
};

/** A determination only goes with `TruePositive` here. https://learn.microsoft.com/en-us/defender-xdr/api-update-incidents */
const patchIncident: Route = {
  method: "PATCH",
  path: "/incidents/{incidentId}",
  service: "xdr",
  roles: ["Incident.ReadWrite.All"],
  limit: { perMinute: 50, perHour: 1500 },
  perform(call) {
    const changes = readIncidentChanges(call, call.body);
    const classification = changes.classification ?? incidentOf(call).classification;
    if (changes.determination && classification !== "TruePositive") {
      throw new ApiError(400, "BadRequest", "A determination is only taken with the classification TruePositive.");
    }
    const incident = print(updateIncident(call, changes), call.simulator.tenant);
    return { status: 200, body: { "@odata.context": call.context("Incidents/$entity"), ...incident } };
  },
};

export const incidentRoutes: readonly Route[] = [listIncidents, getIncident, patchIncident];

const print = ({ alerts, ...incident }: Incident, tenant: Tenant) => ({
  ...incident,
  alerts: alerts.map((alert) => printAlert(alert, tenant)),
});

function printAlert(alert: Alert, { machines }: Tenant) {
  const { id, alertCreationTime, lastUpdateTime, firstEventTime, lastEventTime, evidence, machineId, ...others } =
    alert;
  const machine = machines.get(machineId ?? "")?.machine;
  return {
    ...others,
    alertId: id,
    providerAlertId: id,
    serviceSource: "MicrosoftDefenderForEndpoint",
    creationTime: alertCreationTime,
    lastUpdatedTime: lastUpdateTime,
    firstActivity: firstEventTime,
    lastActivity: lastEventTime,
    actorName: null,
    devices: machine ? [printDevice(machine)] : [],
    entities: evidence,
  };
}

const printDevice = ({ id, computerDnsName, aadDeviceId, machineTags, ...machine }: Machine) => ({
  mdeDeviceId: id,
  aadDeviceId,
  deviceDnsName: computerDnsName,
  osPlatform: machine.osPlatform,
  version: machine.version,
  osProcessor: machine.osProcessor,
  osBuild: machine.osBuild,
  healthStatus: machine.healthStatus,
  riskScore: machine.riskScore,
  rbacGroupName: machine.rbacGroupName,
  rbacGroupId: machine.rbacGroupId,
  firstSeen: machine.firstSeen,
  tags: machineTags,
  defenderAvStatus: "Unknown",
  onboardingStatus: machine.onboardingStatus,
  vmMetadata: machine.vmMetadata ?? null,
  loggedOnUsers: [],
});
