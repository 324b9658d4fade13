import { TableClient } from "@azure/data-tables";
import { createTableCaseStore } from "../../shared/cases/table-case-store.ts";
import type { DeadLetter } from "../../shared/dead-letters/dead-letter-store.ts";
import { AlertFacts, mergeFacts } from "../../shared/intake/alert-facts.ts";
import { createTableAlertStore } from "../../shared/intake/alert-store.ts";
import { createTableDecisionLog } from "../../shared/intake/decision-log.ts";
import { createTableKnownMachines } from "../../shared/intake/known-machines.ts";
import { createTablePendingAlerts } from "../../shared/intake/pending-alerts.ts";
import { createTakeIn, type Intake } from "../../shared/intake/take-in.ts";
import { AutomationRule } from "../../shared/rules/automation-rule.ts";
import { createTableSnoozeStore } from "../../shared/snoozes/table-snooze-store.ts";
import { createLazyTable } from "../../shared/storage/lazy-table.ts";
import { MACHINE_ID } from "./builders.ts";

/** Every alert of high severity has its machines contained. */
export const highRule = AutomationRule.parse({
  ...{ name: "high", when: { severity: ["High"] }, playbook: "contain-device" },
});

/** What a source says of an alert that was published just now, in the form that all facts are brought into. */
export const someFacts = (alertId: string, changes: object = {}): AlertFacts => {
  const said = { tenantId: "t-1", alertId, machineIds: [], publishedAt: new Date().toISOString(), ...changes };
  const facts = AlertFacts.parse(said);
  return mergeFacts([facts])[0] ?? facts;
};

/** The round that the first of the runs looks at. */
export const roundOf = ([first]: readonly { input: unknown }[]): string =>
  (first?.input as { round?: string } | undefined)?.round ?? "";

/** All that `highRule` needs to know. */
export const wholeFacts = (alertId: string, machineId: string = MACHINE_ID) =>
  someFacts(alertId, { severity: "High", machineIds: [machineId] });

/** An intake on tables of its own, with runs that are started and stay under way. */
export function intakeOf(connectionString: string, name: string, changes: Partial<Intake> = {}) {
  const tableOf = (kind: string) =>
    createLazyTable(
      TableClient.fromConnectionString(connectionString, `${name}${kind}`, { allowInsecureConnection: true }),
    );
  const started: { playbook: string; runId: string; input: unknown; mode?: string }[] = [];
  const letters: DeadLetter[] = [];
  const decisions = createTableDecisionLog(tableOf("decisions"));
  const intake: Intake = {
    alerts: createTableAlertStore(tableOf("alerts")),
    pending: createTablePendingAlerts(tableOf("pending")),
    cases: createTableCaseStore(tableOf("cases")),
    knownMachines: createTableKnownMachines(tableOf("machines")),
    decisions,
    snoozes: createTableSnoozeStore(tableOf("snoozes")),
    rules: () => [highRule],
    sharedPlaybooks: new Set(["contain-device"]),
    deadLetters: { keep: async (letter) => void letters.push(letter) } as Intake["deadLetters"],
    settleSeconds: 30,
    maxAgeMs: 86_400_000,
    runs: {
      async startOnce(playbook, runId, input, { mode } = {}) {
        if (started.some((run) => run.runId === runId)) return "duplicate";
        started.push({ playbook, runId, input, ...(mode && { mode }) });
        return "started";
      },
      stateOf: async (runId) => (started.some((run) => run.runId === runId) ? "under-way" : "absent"),
      tell: async () => undefined,
      look: async () => ({ state: "absent" }),
      cancel: async () => undefined,
    },
    ...changes,
  };
  return { takeIn: createTakeIn(intake), started, letters, decisions, intake };
}
