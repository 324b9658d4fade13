import { z } from "zod";
import { Alert, AlertId } from "../../shared/defender/alerts/alert.ts";
import { alertCalls } from "../../shared/defender/alerts/calls.ts";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads an alert.
 *
 * @returns the alert, or `null` while Defender does not show it: an alert may be streamed before the API knows it
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-alert-info-by-id - 100 calls a minute, 1,500 an hour
 */
export const getAlert = defineActivity({
  name: "getAlert",
  summary: "Reads an alert.",
  effect: "read",
  calls: [alertCalls.get],
  repeat: "reads",
  input: z.object({ alertId: AlertId }),
  output: Alert.omit({ evidence: true }).strip().nullable(),
  perform: ({ alertId }, { defender }) => nullIfNotFound(defender.alerts.get(alertId)),
});
