import { makeAlert } from "../state/alert.ts";
import { toDefenderTime } from "../state/timestamp.ts";
import { answerAlert } from "./alerts.ts";
import { ApiError } from "./error.ts";
import { readParameters } from "./parameters.ts";
import type { Route } from "./route.ts";

const required = { required: true } as const;
const EVENT_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/;
const CATEGORIES = [
  "General",
  "CommandAndControl",
  "Collection",
  "CredentialAccess",
  "DefenseEvasion",
  "Discovery",
  "Exfiltration",
  "Exploit",
  "Execution",
  "InitialAccess",
  "LateralMovement",
  "Malware",
  "Persistence",
  "PrivilegeEscalation",
  "Ransomware",
  "SuspiciousActivity",
];

/**
 * Only for an event the tenant knows: one of the table `events`, which the rows of hunting answers fill too.
 * The time is compared as text, since an event is found only with all seven digits hunting printed.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/create-alert-by-reference
 */
const createAlertByReference: Route = {
  method: "POST",
  path: "/alerts/CreateAlertByReference",
  roles: ["Alert.ReadWrite.All"],
  limit: { perMinute: 15 },
  perform(call) {
    const { tenant } = call.simulator;
    const order = readParameters(call.body, {
      machineId: required,
      eventTime: { required: true, pattern: { test: (time) => EVENT_TIME.test(time), code: "InvalidInput" } },
      reportId: required,
      severity: { required: true, oneOf: ["Low", "Medium", "High"] },
      title: required,
      description: required,
      recommendedAction: required,
      category: { required: true, oneOf: CATEGORIES },
    });
    const { machineId = "", eventTime = "", reportId, recommendedAction: _, ...fields } = order;
    const machine = tenant.machines.get(machineId)?.machine;
    if (!machine || !tenant.tables.events.get(`${machineId} ${eventTime} ${reportId}`)) {
      throw new ApiError(
        404,
        "ResourceNotFound",
        `There is no event ${reportId} of machine ${machineId} at ${eventTime}`,
      );
    }
    const open = [...tenant.alerts.values()].find(
      (alert) => alert.machineId === machine.id && alert.title === fields.title && alert.status !== "Resolved",
    );
    const time = toDefenderTime(tenant.now());
    const alert = open
      ? { ...open, lastEventTime: later(open.lastEventTime, eventTime), lastUpdateTime: time }
      : makeAlert(
          { ...fields, machineId, detectionSource: "CustomerTI", firstEventTime: eventTime, lastEventTime: eventTime },
          machine,
          tenant.id,
          tenant.now(),
        );
    tenant.putAlert(alert);
    return answerAlert(call, alert);
  },
};

export const alertByReferenceRoutes: readonly Route[] = [createAlertByReference];

const later = (one: string | null, other: string): string => (one && one > other ? one : other);
