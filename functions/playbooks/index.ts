import type { Playbook, Runbook } from "../../shared/playbook.ts";
import { activities } from "../activities/index.ts";
import { assessAlert } from "./assess-alert.ts";
import { blockFile } from "./block-file.ts";
import { blockNetworkIndicator } from "./block-network-indicator.ts";
import { cancelPendingContainments } from "./cancel-pending-containments.ts";
import { closeFalsePositive } from "./close-false-positive.ts";
import { collectEvidence } from "./collect-evidence.ts";
import { containDevice } from "./contain-device.ts";
import { containUnmanagedDevice } from "./contain-unmanaged-device.ts";
import { disableCompromisedUserSessions } from "./disable-compromised-user-sessions.ts";
import { containDeviceV3 } from "./earlier/contain-device-v3.ts";
import { containDeviceV4 } from "./earlier/contain-device-v4.ts";
import { holdIsolationV1 } from "./earlier/hold-isolation-v1.ts";
import { releaseDeviceV1 } from "./earlier/release-device-v1.ts";
import { undoRunV1With } from "./earlier/undo-run-v1.ts";
import { enrichAlert } from "./enrich-alert.ts";
import { holdIsolation } from "./hold-isolation.ts";
import { liveResponseScript } from "./live-response-script.ts";
import { phishingTriage } from "./phishing-triage.ts";
import { pollAlerts } from "./poll-alerts.ts";
import { quarantineFile } from "./quarantine-file.ts";
import { ransomwareOutbreak } from "./ransomware-outbreak.ts";
import { releaseDevice } from "./release-device.ts";
import { removeAppRestriction } from "./remove-app-restriction.ts";
import { replayAlerts } from "./replay-alerts.ts";
import { restrictAppExecution } from "./restrict-app-execution.ts";
import { runAntivirusScan } from "./run-antivirus-scan.ts";
import { settleAlerts } from "./settle-alerts.ts";
import { tellApprovers } from "./tell-approvers.ts";
import { tellPeople } from "./tell-people.ts";
import { undoRunWith } from "./undo-run.ts";

/** What people and automation rules may start. */
export const runbooks: Runbook[] = [
  blockFile,
  blockNetworkIndicator,
  closeFalsePositive,
  collectEvidence,
  containDevice,
  containUnmanagedDevice,
  disableCompromisedUserSessions,
  enrichAlert,
  liveResponseScript,
  phishingTriage,
  quarantineFile,
  ransomwareOutbreak,
  removeAppRestriction,
  restrictAppExecution,
  runAntivirusScan,
];

/** What people may start beside them. */
export const onRequest: Playbook[] = [replayAlerts, releaseDevice];

/** Versions that nothing starts any more. Each stays until no run of it is left. */
export const earlierVersions: Playbook[] = [
  containDeviceV3,
  containDeviceV4,
  holdIsolationV1,
  releaseDeviceV1,
  undoRunV1With(activities),
];

/** All of them, in their newest versions, with what intake and the kill switch start by themselves. */
export const playbooks: Playbook[] = [
  settleAlerts,
  assessAlert,
  cancelPendingContainments,
  pollAlerts,
  holdIsolation,
  tellApprovers,
  tellPeople,
  undoRunWith(activities),
  ...onRequest,
  ...runbooks,
];
