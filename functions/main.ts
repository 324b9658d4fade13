import { join } from "node:path";
import { readConfig } from "../shared/config.ts";
import { configFolderOf } from "../shared/config-file.ts";
import { liveFile } from "../shared/live-file.ts";
import { liveChannels } from "../shared/notifications/read-notifications.ts";
import { POLICY_FILE, readPolicy } from "../shared/policy/read-policy.ts";
import { liveAutomationRules } from "../shared/rules/read-automation-rules.ts";
import { activities } from "./activities/index.ts";
import { connect } from "./connect.ts";
import { registerCallQuota } from "./durable/call-quota.ts";
import { registerMachineActionWatcher } from "./durable/machine-action-watcher.ts";
import { registerMachineTurns } from "./durable/machine-turns.ts";
import { registerActivity, registerPlaybooks } from "./durable/register.ts";
import { logLine } from "./log-line.ts";
import { earlierVersions, onRequest, playbooks, runbooks } from "./playbooks/index.ts";
import { registerAlertPoll } from "./triggers/alert-poll.ts";
import { registerAlertStream } from "./triggers/alert-stream.ts";
import { registerAnswerApproval } from "./triggers/answer-approval.ts";
import { registerCancelRun } from "./triggers/cancel-run.ts";
import { registerCircuitBreaker } from "./triggers/circuit-breaker.ts";
import { registerForecast } from "./triggers/forecast.ts";
import { registerKillSwitch } from "./triggers/kill-switch.ts";
import { registerLeases } from "./triggers/leases.ts";
import { registerLookAtLeases } from "./triggers/look-at-leases.ts";
import { registerPurgeEvidence } from "./triggers/purge-evidence.ts";
import { registerPurgeRecords } from "./triggers/purge-records.ts";
import { registerPurgeRuns } from "./triggers/purge-runs.ts";
import { createRequesterOf } from "./triggers/requester.ts";
import { registerReviveWatcher } from "./triggers/revive-watcher.ts";
import { registerSettleLeftovers } from "./triggers/settle-leftovers.ts";
import { registerShowAlert } from "./triggers/show-alert.ts";
import { registerShowAudit } from "./triggers/show-audit.ts";
import { registerShowEvidence } from "./triggers/show-evidence.ts";
import { registerShowRun } from "./triggers/show-run.ts";
import { registerShowTicket } from "./triggers/show-ticket.ts";
import { registerSlackAnswer } from "./triggers/slack-answer.ts";
import { registerSnoozes } from "./triggers/snoozes.ts";
import { registerStartRun } from "./triggers/start-run.ts";
import { registerStorageExport } from "./triggers/storage-export.ts";
import { registerTakeInAlerts } from "./triggers/take-in-alerts.ts";
import { registerUndoRun } from "./triggers/undo-run.ts";

const config = readConfig(process.env);
const folder = config.configFolder ?? configFolderOf(import.meta.dirname);
const byName = new Map(runbooks.map((playbook) => [playbook.name, playbook]));
const policy = liveFile(() => readPolicy(folder, activities), {
  path: join(folder, POLICY_FILE),
  onProblem: ({ message }) => console.error(logLine("policy not used, the one before stays in force", { message })),
});
const rules = liveAutomationRules(folder, byName, ({ message }) =>
  console.error(logLine("automation rules not used, those before stay in force", { message })),
);
const channels = liveChannels(folder, config.notifications, ({ message }) =>
  console.error(logLine("notification channels not used, those before stay in force", { message })),
);
const sharedPlaybooks = new Set(runbooks.filter(({ perMachine }) => perMachine).map(({ name }) => name));
const { alertExport, forgotten, locker, ...services } = connect(config, {
  policy,
  rules,
  sharedPlaybooks,
  channels,
});
const requesterOf = createRequesterOf(services, config.approvals.tokens);

for (const activity of activities) registerActivity(activity, services, config.defender);
registerPlaybooks([...playbooks, ...earlierVersions], config.defender);
registerCallQuota(config.defender);
registerMachineTurns();
registerMachineActionWatcher(config.defender);

if (config.sources.stream) registerAlertStream(config.alerts, services);
if (alertExport) registerStorageExport(alertExport, services);
registerTakeInAlerts(services);
registerSettleLeftovers(services, config.alerts);
if (config.sources.poll) registerAlertPoll(services, { ...config.alerts, ...config.sources.poll });
registerPurgeRuns(config.runs);
registerPurgeRecords(forgotten, config.runs);
registerPurgeEvidence(locker, config.evidence);
registerReviveWatcher({ ...services, ...config.defender });
registerStartRun(
  new Map([...byName, ...onRequest.map((playbook) => [playbook.name, playbook] as const)]),
  requesterOf,
  services,
);
registerShowRun();
registerCancelRun();
registerShowAudit(services.audit);
registerShowEvidence(locker);
registerKillSwitch(services, config.defender.tenantId);
registerCircuitBreaker(services);
registerForecast(activities, config.defender);
registerShowAlert(services.decisions);
registerShowTicket(services.tickets);
registerLeases(services, requesterOf);
registerLookAtLeases(services);
registerUndoRun(requesterOf);
registerSnoozes(services.snoozes);
registerAnswerApproval(services, config.approvals.tokens);
if (config.approvals.slackSigningSecret) registerSlackAnswer(services, config.approvals.slackSigningSecret);
