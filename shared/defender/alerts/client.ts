import type { Send } from "../send.ts";
import type { AlertId } from "./alert.ts";
import { alertCalls } from "./calls.ts";

/** What an alert update may change. `comment` is added to the alert's comments. */
export interface AlertUpdate {
  status?: "New" | "InProgress" | "Resolved";
  comment?: string;
}

/** Reads and updates alerts. */
export const createAlerts = (send: Send) => ({
  get: (alertId: AlertId) => send(alertCalls.get, { ids: { alertId } }),
  update: (alertId: AlertId, update: AlertUpdate) => send(alertCalls.update, { ids: { alertId }, body: update }),
});
