import { defineCall } from "../call.ts";
import { GRAPH_ALERTS_AND_INCIDENTS } from "../limits.ts";
import { Page } from "../odata/list.ts";
import { GraphAlert } from "./alert.ts";

const READ = ["SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All"];
const CHANGE = ["SecurityAlert.ReadWrite.All"];

/** The calls on alerts of all products, by Graph. */
export const graphAlertCalls = {
  list: defineCall({
    name: "graphAlerts.list",
    service: "graph",
    method: "GET",
    path: "/v1.0/security/alerts_v2",
    permissions: READ,
    page: "security-list-alerts_v2",
    group: GRAPH_ALERTS_AND_INCIDENTS,
    answer: Page,
  }),
  get: defineCall({
    name: "graphAlerts.get",
    service: "graph",
    method: "GET",
    path: "/v1.0/security/alerts_v2/{alertId}",
    permissions: READ,
    page: "security-alert-get",
    group: GRAPH_ALERTS_AND_INCIDENTS,
    answer: GraphAlert,
  }),
  update: defineCall({
    name: "graphAlerts.update",
    service: "graph",
    method: "PATCH",
    path: "/v1.0/security/alerts_v2/{alertId}",
    permissions: CHANGE,
    page: "security-alert-update",
    group: GRAPH_ALERTS_AND_INCIDENTS,
    answer: GraphAlert,
  }),
  comment: defineCall({
    name: "graphAlerts.comment",
    service: "graph",
    method: "POST",
    path: "/v1.0/security/alerts_v2/{alertId}/comments",
    permissions: CHANGE,
    page: "security-alert-post-comments",
    group: GRAPH_ALERTS_AND_INCIDENTS,
    answer: Page,
  }),
};
