import { createHash } from "node:crypto";
import type { CaseKey } from "../cases/case.ts";
import type { Mode } from "../mode.ts";

const hashed = (prefix: string, parts: readonly string[]): string =>
  `${prefix}-${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40)}`;

/** What makes two requests the same run. */
export interface RunIdentity {
  tenantId: string;
  alertId: string;
  machineId: string;
  rule: string;
  playbook: string;
  /** A pretended run is another one. @default "act" */
  mode?: Mode | undefined;
}

/**
 * The run an alert leads to on a machine under a rule. The same alert gives the same id however often and in whatever
 * order its records arrive. Hashed, as ids are limited to 100 characters.
 */
export const runIdOf = ({ tenantId, alertId, machineId, rule, playbook, mode = "act" }: RunIdentity): string =>
  hashed("run", [tenantId, alertId, machineId, rule, playbook, ...(mode === "act" ? [] : [mode])]);

/** The run of a case; `generation` counts the cases of its key. */
export const caseRunId = ({ tenantId, machineId, playbook, mode }: CaseKey, generation: number): string =>
  hashed("run", ["case", tenantId, machineId, playbook, mode, String(generation)]);

/** The run a person or program asked for over HTTP under an idempotency key. */
export const requestedRunId = (playbook: string, idempotencyKey: string): string =>
  hashed("run", ["http", playbook, idempotencyKey]);

/** The run that sees to the end of an isolation; `revision` tells apart those that follow each other. */
export const holdRunId = (
  tenantId: string,
  { runId, machineId, revision }: { runId: string; machineId: string; revision: number },
): string => hashed("run", ["hold", tenantId, machineId, runId, String(revision)]);

/** The run that takes back what another did: there is one of each. */
export const undoRunId = (runId: string): string => hashed("run", ["undo", runId]);

/** The run that takes back what had not begun when the kill switch of a tenant was turned on. */
export const killSwitchRunId = (tenantId: string, since: string): string => hashed("cancel", [tenantId, since]);

/** The run that tells people what happened in another one: one of the app's own, too. */
export const tellingRunId = (runId: string, key: string): string => hashed("tell", [runId, key]);

/** The run that looks again at the alerts of a round: one of the app's own, which is not listed among the runs. */
export const settleRunId = (round: string): string => `settle-${round.replaceAll(/\D/g, "")}`;

/**
 * The run that completes an alert whose records do not say enough, or that reads machines for the rules. What is known of
 * the alert has part in the id: once more is known, it is looked at again.
 *
 * @param slot tells apart reads of the same machines at different times
 */
export const assessmentRunId = (facts: { tenantId: string; alertId: string }, mode?: Mode, slot?: string): string =>
  hashed("assess", [JSON.stringify(facts), mode ?? "", slot ?? ""]);
