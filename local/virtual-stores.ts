import { runbooks } from "../functions/playbooks/index.ts";
import { createTableApprovalStore } from "../shared/approvals/approval-store.ts";
import { createTableCaseStore } from "../shared/cases/table-case-store.ts";
import { createBlobDeadLetterStore } from "../shared/dead-letters/dead-letter-store.ts";
import { createEvidenceStore, type EvidenceSettings } from "../shared/evidence/evidence-store.ts";
import { connectLocker } from "../shared/evidence/locker.ts";
import { createTableAlertStore } from "../shared/intake/alert-store.ts";
import { createTableDecisionLog } from "../shared/intake/decision-log.ts";
import { createTableKnownMachines } from "../shared/intake/known-machines.ts";
import { createTablePendingAlerts } from "../shared/intake/pending-alerts.ts";
import { createTakeIn } from "../shared/intake/take-in.ts";
import type { AutomationRule } from "../shared/rules/automation-rule.ts";
import type { RunControl } from "../shared/runs/run-control.ts";
import type { Services } from "../shared/services.ts";
import { createTableSnoozeStore } from "../shared/snoozes/table-snooze-store.ts";
import { createTablePollMark } from "../shared/sources/alert-poll/poll-mark.ts";
import { connectStorage } from "../shared/storage/connect-storage.ts";
import { ownStorage } from "../shared/storage/storage-settings.ts";
import { createTableTicketStore } from "../shared/tickets/table-ticket-store.ts";
import type { VirtualClock } from "./host/durable/virtual-clock.ts";

/** All that a simulated device hands over, without end. */
const WIDE: EvidenceSettings = {
  retentionDays: undefined,
  atMostBytes: 1024 ** 3,
  advice: "",
  policyMode: "Unlocked",
  storedBy: "the app",
};

/**
 * The app's own stores in a storage account, in virtual time, with the intake that uses them.
 *
 * @param rules those that alerts are held against
 */
export function virtualStores(
  connectionString: string,
  { now }: VirtualClock,
  rules: () => readonly AutomationRule[] = () => [],
) {
  const { tableOf, containerOf } = connectStorage(ownStorage({ AzureWebJobsStorage: connectionString }));
  const nowMs = () => now().getTime();
  const tenantId = "virtual";
  const stores = {
    rules,
    sharedPlaybooks: new Set(runbooks.filter(({ perMachine }) => perMachine).map(({ name }) => name)),
    tickets: createTableTicketStore(tableOf("tickets"), now),
    approvals: createTableApprovalStore(tableOf("approvals"), tenantId, nowMs),
    alerts: createTableAlertStore(tableOf("alerts"), now),
    pending: createTablePendingAlerts(tableOf("pending"), nowMs),
    cases: createTableCaseStore(tableOf("cases"), now),
    snoozes: createTableSnoozeStore(tableOf("snoozes"), nowMs),
    decisions: createTableDecisionLog(tableOf("decisions"), now),
    knownMachines: createTableKnownMachines(tableOf("machines"), nowMs),
    evidence: createEvidenceStore(connectLocker(containerOf, now), WIDE),
    deadLetters: createBlobDeadLetterStore(containerOf("dead-letters"), now),
    pollMark: createTablePollMark(tableOf("pollmarks"), tenantId),
  };
  return {
    ...stores,
    /** Alerts of any age are taken in. */
    takeInWith: (runs: RunControl) => createTakeIn({ ...stores, runs, settleSeconds: 30, maxAgeMs: 0 }),
  } satisfies Partial<Services>;
}
