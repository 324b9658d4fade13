import type { ApprovalStore } from "./approvals/approval-store.ts";
import type { AuditLog } from "./audit/audit-log.ts";
import type { CaseStore } from "./cases/case.ts";
import type { DefenderClient } from "./defender/client.ts";
import type { EvidenceStore } from "./evidence/evidence-store.ts";
import type { AlertStore } from "./intake/alert-store.ts";
import type { DecisionLog } from "./intake/decision-log.ts";
import type { KnownMachines } from "./intake/known-machines.ts";
import type { PendingAlerts } from "./intake/pending-alerts.ts";
import type { TakeIn } from "./intake/take-in.ts";
import type { LeaseStore } from "./leases/lease-store.ts";
import type { Notifier } from "./notifications/notifier.ts";
import type { Policy } from "./policy/policy.ts";
import type { PolicyState } from "./policy/policy-state.ts";
import type { AutomationRule } from "./rules/automation-rule.ts";
import type { RunControl } from "./runs/run-control.ts";
import type { SnoozeStore } from "./snoozes/snooze.ts";
import type { PollMark } from "./sources/alert-poll/poll-mark.ts";
import type { TicketStore } from "./tickets/ticket.ts";
import type { UndoLog } from "./undo/undo-log.ts";
import type { WatcherWake, WatchStore } from "./watches/watch.ts";

/** Everything an activity may reach outside the process. Built once, in functions/main.ts. */
export interface Services {
  defender: DefenderClient;
  /** Whose Defender it is. */
  tenantId: string;
  tickets: TicketStore;
  approvals: ApprovalStore;
  /** Where people reach the app from outside, for links to it; absent: there are none. */
  publicUrl?: string | undefined;
  /** Tells people over the channels of `config/notifications.yaml`. */
  notifier: Notifier;
  evidence: EvidenceStore;
  audit: AuditLog;
  /** What is isolated, and until when. */
  leases: LeaseStore;
  /** What each run did that can be taken back. */
  undo: UndoLog;
  decisions: DecisionLog;
  alerts: AlertStore;
  pending: PendingAlerts;
  /** The one way in for alerts, with what starts their runs. */
  takeInWith(runs: RunControl): TakeIn;
  pollMark: PollMark;
  cases: CaseStore;
  knownMachines: KnownMachines;
  snoozes: SnoozeStore;
  /** Playbooks of which a machine has one run at a time. */
  sharedPlaybooks: ReadonlySet<string>;
  /** The policy as it stands now: it may be changed while the app runs. */
  policy: () => Policy;
  policyState: PolicyState;
  /** The automation rules as they stand now: they may be changed while the app runs. */
  rules: () => readonly AutomationRule[];
  runs: RunControl;
  watches: WatchStore;
  watcher: WatcherWake;
}
