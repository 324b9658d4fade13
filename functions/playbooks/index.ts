import type { Playbook } from "../../shared/playbook.ts";
import { assessAlert } from "./assess-alert.ts";
import { containDevice } from "./contain-device.ts";
import { pollAlerts } from "./poll-alerts.ts";
import { replayAlerts } from "./replay-alerts.ts";
import { settleAlerts } from "./settle-alerts.ts";

/** What people and automation rules may start. */
export const runbooks: Playbook[] = [containDevice];

/** What people may start beside them. */
export const onRequest: Playbook[] = [replayAlerts];

/** All of them, with what intake starts by itself. */
export const playbooks: Playbook[] = [settleAlerts, assessAlert, pollAlerts, ...onRequest, ...runbooks];
