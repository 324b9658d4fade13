import type { AuditLog } from "./audit/audit-log.ts";
import type { CaseStore } from "./cases/case.ts";
import type { DefenderClient } from "./defender/client.ts";
import type { EvidenceStore } from "./evidence/evidence-store.ts";
import type { AlertStore } from "./intake/alert-store.ts";
import type { DecisionLog } from "./intake/decision-log.ts";
import type { KnownMachines } from "./intake/known-machines.ts";
import type { PendingAlerts } from "./intake/pending-alerts.ts";
import type { Policy } from "./policy/policy.ts";
import type { AutomationRule } from "./rules/automation-rule.ts";
import type { RunControl } from "./runs/run-control.ts";
import type { SnoozeStore } from "./snoozes/snooze.ts";
import type { TicketStore } from "./tickets/ticket.ts";
import type { WatcherWake, WatchStore } from "./watches/watch.ts";

/** Everything an activity may reach outside the process. Built once, in functions/main.ts. */
export interface Services {
  defender: DefenderClient;
  tickets: TicketStore;
  evidence: EvidenceStore;
  audit: AuditLog;
  decisions: DecisionLog;
  alerts: AlertStore;
  pending: PendingAlerts;
  cases: CaseStore;
  knownMachines: KnownMachines;
  snoozes: SnoozeStore;
  /** Playbooks of which a machine has one run at a time. */
  sharedPlaybooks: ReadonlySet<string>;
  policy: Policy;
  rules: readonly AutomationRule[];
  runs: RunControl;
  watches: WatchStore;
  watcher: WatcherWake;
}
