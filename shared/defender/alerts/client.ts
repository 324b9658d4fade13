import { RelatedDomain } from "../domains/domain.ts";
import { File } from "../files/file.ts";
import { RelatedIp } from "../ips/ip.ts";
import { type ListQuery, linkedRowsOf, optionsOf, rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { Alert, type AlertId } from "./alert.ts";
import { alertCalls } from "./calls.ts";
import type { NewAlert } from "./new-alert.ts";
import { type AlertUpdate, sendInParts } from "./update.ts";

export type { AlertUpdate } from "./update.ts";

/** What `$filter` on alerts may name. */
export type AlertProperty =
  | "alertCreationTime"
  | "lastUpdateTime"
  | "incidentId"
  | "investigationId"
  | "id"
  | "assignedTo"
  | "detectionSource"
  | "lastEventTime"
  | "status"
  | "severity"
  | "category";

/** Alerts can be listed with their evidence, which is empty otherwise. */
export type AlertQuery = ListQuery<AlertProperty> & { expand?: "evidence" };

/** Reads, updates and raises alerts. */
export const createAlerts = (send: Send) => ({
  list: (query: AlertQuery = {}) => rowsOf(send, alertCalls.list, {}, query, { row: Alert }),

  /** One page, its rows as they came: none is left out, whatever its shape. */
  page: async (
    query: Omit<AlertQuery, "atMost">,
    { top, skip = 0 }: { top: number; skip?: number },
  ): Promise<unknown[]> => {
    const paging = { $top: String(top), ...(skip > 0 && { $skip: String(skip) }) };
    return (await send(alertCalls.list, { query: { ...optionsOf(query), ...paging } })).value;
  },

  /** With its evidence. */
  get: (alertId: AlertId) => send(alertCalls.get, { ids: { alertId } }),

  /** @returns the alert as it is then, or `undefined` when nothing was to be changed */
  update: (alertId: AlertId, update: AlertUpdate) =>
    sendInParts(update, (body) => send(alertCalls.update, { ids: { alertId }, body })),

  /** Updates many alerts alike. How many at once, and what an unknown id does to the others, is not documented. */
  async batchUpdate(alertIds: readonly AlertId[], update: AlertUpdate): Promise<void> {
    await sendInParts(update, (part) => send(alertCalls.batchUpdate, { body: { alertIds, ...part } }));
  },

  /**
   * Raises an alert about an event. An open alert of the same title on the same machine takes it in, and an automated
   * investigation starts.
   *
   * @throws DefenderNotFoundError when no event has this machine, time and report id
   */
  createByReference: (alert: NewAlert) => send(alertCalls.createByReference, { body: alert }),

  machine: (alertId: AlertId) => send(alertCalls.machine, { ids: { alertId } }),
  user: (alertId: AlertId) => send(alertCalls.user, { ids: { alertId } }),
  files: (alertId: AlertId) => linkedRowsOf(send, alertCalls.files, { ids: { alertId } }, { row: File }),
  ips: (alertId: AlertId) => linkedRowsOf(send, alertCalls.ips, { ids: { alertId } }, { row: RelatedIp }),
  domains: (alertId: AlertId) => linkedRowsOf(send, alertCalls.domains, { ids: { alertId } }, { row: RelatedDomain }),
});
