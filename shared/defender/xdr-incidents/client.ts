import { type ListQuery, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { xdrIncidentCalls } from "./calls.ts";
import { XdrIncident } from "./incident.ts";

/** What `$filter` on incidents may name: not their severity. */
export type XdrIncidentProperty = "lastUpdateTime" | "createdTime" | "status" | "assignedTo";

/** What an update may change; a comment is added, tags replace those there are. A determination goes with `TruePositive` only. */
export interface XdrIncidentUpdate {
  status?: "Active" | "Resolved" | "InProgress" | "Redirected";
  assignedTo?: string;
  classification?: string;
  determination?: string;
  tags?: readonly string[];
  comment?: string;
}

/** This list takes a much smaller `$top` than others. */
const PAGE_SIZE = 100;

/** Reads and updates incidents by Defender XDR's own interface. */
export const createXdrIncidents = (send: Send) => ({
  list: (query: ListQuery<XdrIncidentProperty> = {}) =>
    rowsOf(send, xdrIncidentCalls.list, {}, query, { row: XdrIncident, pageSize: PAGE_SIZE, key: "incidentId" }),

  get: (incidentId: number | string) => send(xdrIncidentCalls.get, { ids: { incidentId } }),

  update: (incidentId: number | string, update: XdrIncidentUpdate) =>
    send(xdrIncidentCalls.update, { ids: { incidentId }, body: update }),
});
