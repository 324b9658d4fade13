import { atOnce } from "../at-once.ts";
import type { DeadLetter, DeadLetterStore } from "../dead-letters/dead-letter-store.ts";
import type { MachineId } from "../defender/machines/machine.ts";
import type { Mode } from "../mode.ts";
import type { AutomationRule } from "../rules/automation-rule.ts";
import { assessmentRunId } from "../runs/run-id.ts";
import { type Admission, type Admitted, ASSESS_ALERT, type Assessed, carryOut } from "./admit.ts";
import type { AlertFacts } from "./alert-facts.ts";
import type { AlertStore } from "./alert-store.ts";
import { assess, tooOld } from "./assess.ts";
import type { KnownMachines } from "./known-machines.ts";
import type { PendingAlerts } from "./pending-alerts.ts";
import { haveSettled } from "./settle.ts";

/** What a source has read: what it says of alerts, and what could not be used. */
export interface ReadAlerts {
  alerts: readonly AlertFacts[];
  rejected: readonly DeadLetter[];
}

export interface TakeInOptions {
  /** What the runs do that are started. @default what the rule says */
  mode?: Mode | undefined;
  /** Alerts published before are let be. @default as old as the app is set to act on */
  oldest?: Date | undefined;
}

/**
 * Takes in what a source has read, whichever source. Safe to repeat, as a whole or in parts.
 *
 * @throws AggregateError when storage or Durable fail: all else was done, and the whole may be taken in again
 */
export type TakeIn = (batch: ReadAlerts, options?: TakeInOptions) => Promise<Admitted>;

export interface Intake extends Admission {
  alerts: AlertStore;
  pending: PendingAlerts;
  knownMachines: KnownMachines;
  rules: () => readonly AutomationRule[];
  deadLetters: DeadLetterStore;
  settleSeconds: number;
  /** Older alerts are let be; 0 = no limit. */
  maxAgeMs: number;
  /** Tenants whose alerts are acted on, in lower case; absent: any. */
  tenants?: ReadonlySet<string> | undefined;
}

/** A message may hold thousands of alerts; storage is not to be flooded with them. */
const AT_ONCE = 50;
const FAILED = "Part of a batch of alerts could not be taken in";

export function createTakeIn(intake: Intake): TakeIn {
  const { deadLetters, maxAgeMs } = intake;

  return async (batch, { mode, oldest = maxAgeMs > 0 ? new Date(Date.now() - maxAgeMs) : undefined } = {}) => {
    const assessed: Assessed[] = [];
    const look = (facts: AlertFacts) => async () => {
      assessed.push({ ...(await lookAt(facts, intake, oldest)), mode });
    };
    const keep = (letter: DeadLetter) => () => deadLetters.keep(letter);
    // Whatever fails of it, the rest is carried out: only what is missing is left for the next time.
    const looked = await outcomeOf(atOnce(AT_ONCE, [...batch.alerts.map(look), ...batch.rejected.map(keep)], FAILED));
    const waits = await outcomeOf(haveWait(assessed, intake));
    const reads = await outcomeOf(haveRead(assessed, intake));
    const admitted = await carryOut(assessed, intake);
    for (const { error } of [looked, waits, reads]) if (error) throw error;
    return admitted;
  };
}

/** What is known of an alert with what a source adds, and what is to be done. */
async function lookAt(facts: AlertFacts, intake: Intake, oldest: Date | undefined): Promise<Assessed> {
  const { alerts } = intake;
  const rules = intake.rules();
  const reason = foreign(facts, intake) ?? tooOld(facts, oldest);
  // Seen again when it is old, an alert keeps what was decided when it was young.
  if (reason) return { facts, assessment: { verdict: "ignored", reason, isPassedBy: true } };
  const known = await alerts.add(facts);
  const now = new Date();
  const assessment = assess(known, { rules, now });
  if (assessment.verdict !== "unread") return { facts: known, assessment };
  const machines = await knownAmong(assessment.machineIds, known.tenantId, intake);
  return { facts: known, assessment: assess(known, { rules, machines, now }) };
}

async function knownAmong(machineIds: readonly MachineId[], tenantId: string, { knownMachines }: Intake) {
  const found = await Promise.all(machineIds.map((machineId) => knownMachines.find(tenantId, machineId)));
  return new Map(found.flatMap((machine) => (machine ? [[machine.id, machine] as const] : [])));
}

/** Machines that were read are known for five minutes; after that they are read again for the same alert. */
const slotOf = (now: Date): string => String(Math.floor(now.getTime() / 300_000));

/** Has the machines of alerts read, where a rule depends on them. */
async function haveRead(assessed: readonly Assessed[], { runs, decisions }: Intake): Promise<void> {
  const start =
    ({ facts, assessment, mode }: Assessed) =>
    async () => {
      if (assessment.verdict !== "unread") return;
      const { tenantId, alertId } = facts;
      const input = { ...facts, ...(mode && { mode }), isComplete: true };
      await runs.startOnce(ASSESS_ALERT, assessmentRunId(facts, mode, slotOf(new Date())), input);
      await decisions.recordFirst({ tenantId, alertId, verdict: "waiting", reason: assessment.reason });
    };
  await atOnce(AT_ONCE, assessed.map(start), FAILED);
}

/** A machine id of another tenant means nothing to this app's Defender, or another machine. */
const foreign = ({ tenantId }: AlertFacts, { tenants }: Intake): string | undefined =>
  tenants && !tenants.has(tenantId.toLowerCase())
    ? `it is of tenant ${tenantId}, which this app does not act for: see ALERT_TENANTS`
    : undefined;

/** Has alerts of which something is missing looked at again a little later. */
async function haveWait(assessed: readonly Assessed[], intake: Intake): Promise<void> {
  const { pending, decisions } = intake;
  const incomplete = assessed.filter(({ assessment }) => assessment.verdict === "incomplete");
  if (incomplete.length === 0) return;

  const waiting = incomplete.map(({ facts: { tenantId, alertId }, mode }) => ({ tenantId, alertId, mode }));
  let waitsUntil = "";
  for (const round of await pending.add(waiting)) waitsUntil = await haveSettled(round, waiting, intake);
  const record =
    ({ facts: { tenantId, alertId }, assessment }: Assessed) =>
    async () => {
      const why = assessment.verdict === "incomplete" ? assessment.reason : "";
      await decisions.recordFirst({
        tenantId,
        alertId,
        verdict: "waiting",
        reason: `${why}; it is waited for until ${waitsUntil}`,
      });
    };
  await atOnce(AT_ONCE, incomplete.map(record), FAILED);
}

const outcomeOf = (work: Promise<unknown>): Promise<{ error?: unknown }> =>
  work.then(
    () => ({}),
    (error: unknown) => ({ error }),
  );
