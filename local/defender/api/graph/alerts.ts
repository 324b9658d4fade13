import { toDefenderTime } from "../../state/timestamp.ts";
import { changedAlert, readAlertChanges } from "../alert-changes.ts";
import { findAnyAlert } from "../alerts.ts";
import type { Filterable } from "../odata-filter.ts";
import { readListQuery } from "../odata-list.ts";
import { readObject, readParameters } from "../parameters.ts";
import type { Call, Route } from "../route.ts";
import { graphAlert, graphComments } from "./alert.ts";
import { updateFromGraph } from "./spelling.ts";

const limit = { perMinute: 150 };
const write = ["SecurityAlert.ReadWrite.All"];
const read = ["SecurityAlert.Read.All", ...write];

const filterable: Filterable = {
  assignedTo: "text",
  classification: "text",
  determination: "text",
  createdDateTime: "time",
  lastUpdateDateTime: "time",
  severity: "text",
  serviceSource: "text",
  status: "text",
};

/** https://learn.microsoft.com/en-us/graph/api/security-list-alerts_v2 */
const listAlerts: Route = {
  method: "GET",
  path: "/security/alerts_v2",
  service: "graph",
  roles: read,
  limit,
  perform({ simulator: { tenant }, query, address, context }) {
    const { filter, page } = readListQuery(query, filterable, { address, usualPage: 1000, isGraph: true });
    const alerts = [...tenant.alerts.values()].reverse().map((alert) => graphAlert(alert, tenant));
    return {
      status: 200,
      body: { "@odata.context": context("security/alerts_v2"), ...page(alerts.filter(filter.matches)) },
    };
  },
};

/** https://learn.microsoft.com/en-us/graph/api/security-alert-get */
const getAlert: Route = {
  method: "GET",
  path: "/security/alerts_v2/{alertId}",
  service: "graph",
  roles: read,
  limit,
  perform: (call) => answer(call, findAnyAlert(call)),
};

/** https://learn.microsoft.com/en-us/graph/api/security-alert-update */
const updateAlert: Route = {
  method: "PATCH",
  path: "/security/alerts_v2/{alertId}",
  service: "graph",
  roles: write,
  limit,
  perform: (call) => answer(call, change(call, updateFromGraph(readObject(call.body)))),
};

/** Answers with all comments. https://learn.microsoft.com/en-us/graph/api/security-alert-post-comments */
const addComment: Route = {
  method: "POST",
  path: "/security/alerts_v2/{alertId}/comments",
  service: "graph",
  roles: write,
  limit,
  perform(call) {
    const alert = change(call, { comment: readComment(call.body) });
    const entity = `security/alerts_v2('${alert.id}')/comments`;
    return { status: 200, body: { "@odata.context": call.context(entity), value: graphComments(alert) } };
  },
};

export const graphAlertRoutes: readonly Route[] = [listAlerts, getAlert, updateAlert, addComment];

/** The text of a comment that is posted. */
export function readComment(body: unknown): string {
  return readParameters(body, { "@odata.type": {}, comment: { required: true } }).comment ?? "";
}

function change(call: Call, changes: object) {
  const { tenant, settings } = call.simulator;
  const alert = changedAlert(findAnyAlert(call), readAlertChanges(changes, settings.current), {
    by: call.appId,
    time: toDefenderTime(tenant.now()),
    settings: settings.current,
  });
  tenant.putAlert(alert);
  return alert;
}

const answer = ({ simulator, context }: Call, alert: ReturnType<typeof findAnyAlert>) => ({
  status: 200,
  body: { "@odata.context": context("security/alerts_v2/$entity"), ...graphAlert(alert, simulator.tenant) },
});
