import type { Playbook } from "../../shared/playbook.ts";
import { assessAlert } from "./assess-alert.ts";
import { containDevice } from "./contain-device.ts";
import { settleAlerts } from "./settle-alerts.ts";

/** What people and automation rules may start. */
export const runbooks: Playbook[] = [containDevice];

/** All of them, with what intake starts by itself. */
export const playbooks: Playbook[] = [settleAlerts, assessAlert, ...runbooks];
