import { allIncidents, type Incident } from "../../state/incident.ts";
import type { Tenant } from "../../state/tenant.ts";
import { incidentOf, readIncidentChanges, updateIncident } from "../incident-changes.ts";
import type { Filterable } from "../odata-filter.ts";
import { readListQuery } from "../odata-list.ts";
import { readObject } from "../parameters.ts";
import type { Call, Route } from "../route.ts";
import { graphAlert, portalLink } from "./alert.ts";
import { readComment } from "./alerts.ts";
import { toGraph, updateFromGraph } from "./spelling.ts";

const limit = { perMinute: 150 };
const write = ["SecurityIncident.ReadWrite.All"];
const read = ["SecurityIncident.Read.All", ...write];

const filterable: Filterable = {
  assignedTo: "text",
  classification: "text",
  createdDateTime: "time",
  determination: "text",
  lastUpdateDateTime: "time",
  severity: "text",
  status: "text",
};

/** https://learn.microsoft.com/en-us/graph/api/security-list-incidents */
const listIncidents: Route = {
  method: "GET",
  path: "/security/incidents",
  service: "graph",
  roles: read,
  limit,
  perform(call) {
    const { simulator, query, address, context } = call;
    const options = { address, usualPage: 50, expandable: "alerts", isGraph: true };
    const { filter, expands, page } = readListQuery(query, filterable, options);
    const incidents = allIncidents(simulator.tenant).map((incident) => print(incident, call, expands));
    return {
      status: 200,
      body: { "@odata.context": context("security/incidents"), ...page(incidents.filter(filter.matches)) },
    };
  },
};

/** https://learn.microsoft.com/en-us/graph/api/security-incident-get */
const getIncident: Route = {
  method: "GET",
  path: "/security/incidents/{incidentId}",
  service: "graph",
  roles: read,
  limit,
  perform: (call) =>
    answer(call, incidentOf(call), readListQuery(call.query, {}, { address: "", expandable: "alerts" }).expands),
};

/** https://learn.microsoft.com/en-us/graph/api/security-incident-update */
const patchIncident: Route = {
  method: "PATCH",
  path: "/security/incidents/{incidentId}",
  service: "graph",
  roles: write,
  limit,
  perform(call) {
    const { customTags, ...fields } = readObject(call.body);
    const changes = { ...updateFromGraph(fields), ...(customTags !== undefined && { tags: customTags }) };
    return answer(call, updateIncident(call, readIncidentChanges(call, changes)), false);
  },
};

/** Answers with all comments. https://learn.microsoft.com/en-us/graph/api/security-incident-post-comments */
const addComment: Route = {
  method: "POST",
  path: "/security/incidents/{incidentId}/comments",
  service: "graph",
  roles: write,
  limit,
  perform(call) {
    const { incidentId, comments } = updateIncident(call, { comment: readComment(call.body) });
    const entity = `security/incidents('${incidentId}')/comments`;
    return { status: 200, body: { "@odata.context": call.context(entity), value: comments } };
  },
};

export const graphIncidentRoutes: readonly Route[] = [listIncidents, getIncident, patchIncident, addComment];

const answer = (call: Call, incident: Incident, expands: boolean) => ({
  status: 200,
  body: { "@odata.context": call.context("security/incidents/$entity"), ...print(incident, call, expands) },
});

const print = (incident: Incident, { simulator: { tenant }, headers }: Call, expands: boolean) => ({
  "@odata.type": "#microsoft.graph.security.incident",
  id: String(incident.incidentId),
  incidentWebUrl: portalLink("incidents", incident.incidentId, tenant.id),
  redirectIncidentId: incident.redirectIncidentId === null ? null : String(incident.redirectIncidentId),
  tenantId: tenant.id,
  displayName: incident.incidentName,
  createdDateTime: incident.createdTime,
  lastUpdateDateTime: incident.lastUpdateTime,
  assignedTo: incident.assignedTo,
  classification: toGraph(incident.classification),
  determination: incident.determination === "NotAvailable" ? "unknown" : toGraph(incident.determination),
  status: statusFor(incident.status, String(headers.prefer ?? "")),
  severity: toGraph(incident.severity),
  customTags: incident.tags,
  comments: incident.comments,
  systemTags: [],
  description: null,
  ...(expands && { alerts: alertsOf(incident, tenant) }),
});

const alertsOf = ({ alerts }: Incident, tenant: Tenant) => alerts.map((alert) => graphAlert(alert, tenant));

/** Values that came after the first version are only shown to those who ask for them. */
function statusFor(status: string, prefer: string): string {
  const wantsNewer = prefer.includes("include-unknown-enum-members");
  return status === "AwaitingAction" && !wantsNewer ? "unknownFutureValue" : toGraph(status);
}
