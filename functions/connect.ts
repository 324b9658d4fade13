import { createTableApprovalStore } from "../shared/approvals/approval-store.ts";
import { createTableAuditLog } from "../shared/audit/audit-log.ts";
import { createTableCaseStore } from "../shared/cases/table-case-store.ts";
import type { Config } from "../shared/config.ts";
import { createBlobDeadLetterStore } from "../shared/dead-letters/dead-letter-store.ts";
import { createDefenderClient } from "../shared/defender/client.ts";
import { createCredential } from "../shared/defender/identity/create-credential.ts";
import { createEvidenceStore } from "../shared/evidence/evidence-store.ts";
import { connectLocker } from "../shared/evidence/locker.ts";
import { createTableAlertStore } from "../shared/intake/alert-store.ts";
import { createTableDecisionLog } from "../shared/intake/decision-log.ts";
import { createTableKnownMachines } from "../shared/intake/known-machines.ts";
import { createTablePendingAlerts } from "../shared/intake/pending-alerts.ts";
import { createTakeIn } from "../shared/intake/take-in.ts";
import { createTableLeaseStore } from "../shared/leases/lease-store.ts";
import type { Channel } from "../shared/notifications/channel.ts";
import { createNotifier } from "../shared/notifications/notifier.ts";
import { createTableSentLog } from "../shared/notifications/sent-log.ts";
import { createTablePolicyState } from "../shared/policy/table-policy-state.ts";
import type { RunControl } from "../shared/runs/run-control.ts";
import type { Services } from "../shared/services.ts";
import { createTableSnoozeStore } from "../shared/snoozes/table-snooze-store.ts";
import { createTablePollMark } from "../shared/sources/alert-poll/poll-mark.ts";
import { createExportCursors } from "../shared/sources/storage-export/cursors.ts";
import { createExportAccount } from "../shared/sources/storage-export/export-account.ts";
import { connectBlobs, connectStorage, containersOf } from "../shared/storage/connect-storage.ts";
import { createTicketStore } from "../shared/tickets/create-ticket-store.ts";
import { createTableUndoLog } from "../shared/undo/undo-log.ts";
import { createTableWatchStore } from "../shared/watches/table-watch-store.ts";

/** Builds a client for everything outside, without calling any of it. */
export function connect(
  config: Config,
  {
    channels,
    ...files
  }: Pick<Services, "policy" | "rules" | "sharedPlaybooks"> & { channels: () => readonly Channel[] },
) {
  const { tableOf, containerOf } = connectStorage(config.storage);

  const { exportAccount } = config.sources;
  const locker = connectLocker(containersOf(config.evidenceStorage));
  const approvals = tableOf("approvals");
  const notifications = tableOf("notifications");
  const audit = createTableAuditLog(tableOf("audit"));
  const undo = tableOf("undo");
  const exportcursors = tableOf("exportcursors");
  const ofAlerts = {
    alerts: tableOf("alerts"),
    pending: tableOf("pending"),
    cases: tableOf("cases"),
    decisions: tableOf("decisions"),
    machines: tableOf("machines"),
  };

  const stores = {
    ...files,
    tenantId: config.defender.tenantId,
    defender: createDefenderClient({
      services: config.services,
      credential: createCredential(config.identity),
      hunting: config.defender.hunting,
      timeoutMs: config.defender.timeoutMs,
      limitScale: config.defender.limitScale,
    }),
    tickets: createTicketStore(config.tickets, tableOf("tickets")),
    approvals: createTableApprovalStore(approvals, config.defender.tenantId),
    publicUrl: config.approvals.publicUrl,
    audit,
    notifier: createNotifier({ channels, sent: createTableSentLog(notifications), audit }),
    leases: createTableLeaseStore(tableOf("leases"), config.defender.tenantId),
    undo: createTableUndoLog(undo),
    alerts: createTableAlertStore(ofAlerts.alerts),
    pending: createTablePendingAlerts(ofAlerts.pending),
    cases: createTableCaseStore(ofAlerts.cases),
    snoozes: createTableSnoozeStore(tableOf("snoozes")),
    decisions: createTableDecisionLog(ofAlerts.decisions),
    knownMachines: createTableKnownMachines(ofAlerts.machines),
    policyState: createTablePolicyState(tableOf("policy"), config.defender.tenantId),
    watches: createTableWatchStore(tableOf("watches"), config.defender.tenantId),
    evidence: createEvidenceStore(locker, config.evidence),
    deadLetters: createBlobDeadLetterStore(containerOf("dead-letters")),
    pollMark: createTablePollMark(tableOf("pollmarks"), config.defender.tenantId),
  };
  return {
    ...stores,
    locker,
    takeInWith: (runs: RunControl) => createTakeIn({ ...stores, ...config.alerts, runs }),
    /** Defender's export to Azure Storage, where alerts are read from one. */
    alertExport: exportAccount && {
      ...exportAccount,
      account: createExportAccount(connectBlobs(exportAccount)),
      cursors: createExportCursors(exportcursors),
    },
    /** What is forgotten some time after it was last written, by the name of the table. */
    forgotten: new Map(Object.entries({ ...ofAlerts, approvals, notifications, undo, exportcursors })),
  };
}
