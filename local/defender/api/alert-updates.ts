import { toDefenderTime } from "../state/timestamp.ts";
import { type AlertChanges, changedAlert, readAlertChanges } from "./alert-changes.ts";
import { answerAlert, findAlert } from "./alerts.ts";
import { notFound } from "./error.ts";
import { readList, readObject } from "./parameters.ts";
import type { Call, Route } from "./route.ts";

const roles = ["Alert.ReadWrite.All"];

/** The page states no largest number of alerts. */
const LARGEST_BATCH = 10_000;

/** https://learn.microsoft.com/en-us/defender-endpoint/api/update-alert */
const updateAlert: Route = {
  method: "PATCH",
  path: "/alerts/{alertId}",
  roles,
  perform(call) {
    const { simulator } = call;
    const alert = findAlert(call);
    const updated = changedAlert(alert, readAlertChanges(call.body, simulator.settings.current), circumstances(call));
    simulator.tenant.putAlert(updated);
    return answerAlert(call, updated);
  },
};

/** Answers without a body. https://learn.microsoft.com/en-us/defender-endpoint/api/batch-update-alerts */
const updateAlerts: Route = {
  method: "POST",
  path: "/alerts/batchUpdate",
  roles,
  limit: { perMinute: 10, perHour: 500 },
  perform(call) {
    const { simulator } = call;
    const { alertIds, ...fields } = readObject(call.body);
    const changes: AlertChanges = readAlertChanges(fields, simulator.settings.current);
    const ids = readList("alertIds", alertIds, LARGEST_BATCH);
    const alerts = ids.map((id) => simulator.alert(id));
    const missing = ids[alerts.indexOf(undefined)];
    if (missing !== undefined && simulator.settings.current.alertBatchWithUnknownIds === "refuse") {
      throw notFound("Alert", missing);
    }
    const updated = alerts.flatMap((alert) => (alert ? changedAlert(alert, changes, circumstances(call)) : []));
    for (const alert of updated) simulator.tenant.putAlert(alert);
    return { status: 200 };
  },
};

export const alertUpdateRoutes: readonly Route[] = [updateAlerts, updateAlert];

function circumstances({ simulator, appId }: Call) {
  return { by: appId, time: toDefenderTime(simulator.tenant.now()), settings: simulator.settings.current };
}
