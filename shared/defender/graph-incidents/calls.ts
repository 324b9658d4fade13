import { defineCall } from "../call.ts";
import { GRAPH_ALERTS_AND_INCIDENTS } from "../limits.ts";
import { Page } from "../odata/list.ts";
import { GraphIncident } from "./incident.ts";

const READ = ["SecurityIncident.Read.All", "SecurityIncident.ReadWrite.All"];
const CHANGE = ["SecurityIncident.ReadWrite.All"];

/** Without it Graph shows newer values, such as the status `awaitingAction`, as unknown. */
const headers = { prefer: "include-unknown-enum-members" };

/** The calls on incidents, by Graph. */
export const graphIncidentCalls = {
  list: defineCall({
    name: "graphIncidents.list",
    service: "graph",
    method: "GET",
    path: "/v1.0/security/incidents",
    permissions: READ,
    page: "security-list-incidents",
    group: GRAPH_ALERTS_AND_INCIDENTS,
    headers,
    answer: Page,
  }),
  get: defineCall({
    name: "graphIncidents.get",
    service: "graph",
    method: "GET",
    path: "/v1.0/security/incidents/{incidentId}",
    permissions: READ,
    page: "security-incident-get",
    group: GRAPH_ALERTS_AND_INCIDENTS,
    headers,
    answer: GraphIncident,
  }),
  update: defineCall({
    name: "graphIncidents.update",
    service: "graph",
    method: "PATCH",
    path: "/v1.0/security/incidents/{incidentId}",
    permissions: CHANGE,
    page: "security-incident-update",
    group: GRAPH_ALERTS_AND_INCIDENTS,
    headers,
    answer: GraphIncident,
  }),
  comment: defineCall({
    name: "graphIncidents.comment",
    service: "graph",
    method: "POST",
    path: "/v1.0/security/incidents/{incidentId}/comments",
    permissions: CHANGE,
    page: "security-incident-post-comments",
    group: GRAPH_ALERTS_AND_INCIDENTS,
    answer: Page,
  }),
};
