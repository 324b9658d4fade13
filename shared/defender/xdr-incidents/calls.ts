import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { XdrIncident } from "./incident.ts";

const READ = ["Incident.Read.All", "Incident.ReadWrite.All"];

/** The calls on incidents of Defender XDR's own interface. New code asks Graph: `graph-incidents/`. */
export const xdrIncidentCalls = {
  list: defineCall({
    name: "xdrIncidents.list",
    service: "xdr",
    method: "GET",
    path: "/api/incidents",
    permissions: READ,
    page: "api-list-incidents",
    answer: Page,
  }),
  get: defineCall({
    name: "xdrIncidents.get",
    service: "xdr",
    method: "GET",
    path: "/api/incidents/{incidentId}",
    permissions: READ,
    page: "api-get-incident",
    answer: XdrIncident,
  }),
  update: defineCall({
    name: "xdrIncidents.update",
    service: "xdr",
    method: "PATCH",
    path: "/api/incidents/{incidentId}",
    permissions: ["Incident.ReadWrite.All"],
    page: "api-update-incidents",
    answer: XdrIncident,
  }),
};
