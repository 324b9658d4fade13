import type { AlertId } from "../alerts/alert.ts";
import { type ListQuery, linkedRowsOf, optionsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { GraphAlert } from "./alert.ts";
import { graphAlertCalls } from "./calls.ts";

/** What `$filter` on Graph's alerts may name, e.g. `serviceSource eq 'microsoftDefenderForEndpoint'`. */
export type GraphAlertProperty =
  | "assignedTo"
  | "classification"
  | "determination"
  | "createdDateTime"
  | "lastUpdateDateTime"
  | "severity"
  | "serviceSource"
  | "status";

export interface GraphAlertUpdate {
  status?: "new" | "inProgress" | "resolved";
  classification?: "unknown" | "falsePositive" | "truePositive" | "informationalExpectedActivity";
  determination?: string;
  assignedTo?: string;
}

/** The body of a comment, on alerts and incidents alike. */
export const commentBody = (comment: string) => ({ "@odata.type": "microsoft.graph.security.alertComment", comment });

/** Reads and updates alerts of all products, by Graph. Alerts of Defender for Endpoint have the same id there. */
export const createGraphAlerts = (send: Send) => ({
  list: (query: Omit<ListQuery<GraphAlertProperty>, "atMost"> = {}) =>
    linkedRowsOf(send, graphAlertCalls.list, { query: optionsOf(query) }, { row: GraphAlert }),

  get: (alertId: AlertId) => send(graphAlertCalls.get, { ids: { alertId } }),

  update: (alertId: AlertId, update: GraphAlertUpdate) =>
    send(graphAlertCalls.update, { ids: { alertId }, body: update }),

  /** Not safe to repeat: each call adds a comment. */
  comment: (alertId: AlertId, comment: string) =>
    send(graphAlertCalls.comment, { ids: { alertId }, body: commentBody(comment) }),
});
