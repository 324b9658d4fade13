import { z } from "zod";
import { Alert, AlertId } from "../../shared/defender/alert.ts";
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
  effect: "read",
  permissions: ["Alert.ReadWrite.All"],
  quota: "alerts",
  input: z.object({ alertId: AlertId }),
  output: Alert.nullable(),
  perform: ({ alertId }, { defender }) => nullIfNotFound(defender.alerts.get(alertId)),
});
