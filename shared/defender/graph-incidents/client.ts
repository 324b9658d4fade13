import { commentBody } from "../graph-alerts/client.ts";
import { type ListQuery, linkedRowsOf, optionsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { graphIncidentCalls } from "./calls.ts";
import { GraphIncident, type IncidentId } from "./incident.ts";

/** What `$filter` on Graph's incidents may name. */
export type GraphIncidentProperty =
  | "assignedTo"
  | "classification"
  | "createdDateTime"
  | "determination"
  | "lastUpdateDateTime"
  | "severity"
  | "status";

/** What an update may change; tags replace those there are. Values are open, as Graph's own samples spell them in two ways. */
export interface GraphIncidentUpdate {
  status?: string;
  assignedTo?: string;
  classification?: string;
  determination?: string;
  customTags?: readonly string[];
}

/** Reads and updates incidents, by Graph. */
export const createGraphIncidents = (send: Send) => ({
  /** @param query.expand `alerts`, to have them along */
  list: (query: Omit<ListQuery<GraphIncidentProperty>, "atMost"> = {}) =>
    linkedRowsOf(send, graphIncidentCalls.list, { query: optionsOf(query) }, { row: GraphIncident }),

  get: (incidentId: IncidentId, { expand }: { expand?: "alerts" } = {}) =>
    send(graphIncidentCalls.get, { ids: { incidentId }, query: optionsOf(expand ? { expand } : {}) }),

  update: (incidentId: IncidentId, update: GraphIncidentUpdate) =>
    send(graphIncidentCalls.update, { ids: { incidentId }, body: update }),

  /** Not safe to repeat: each call adds a comment. */
  comment: (incidentId: IncidentId, comment: string) =>
    send(graphIncidentCalls.comment, { ids: { incidentId }, body: commentBody(comment) }),
});
