import type { DeadLetter, DeadLetterStore } from "../dead-letters/dead-letter-store.ts";
import type { Mode } from "../mode.ts";
import { type Admission, admit } from "./admit.ts";
import type { AlertFacts } from "./alert-facts.ts";

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
export type TakeIn = (batch: ReadAlerts, options?: TakeInOptions) => Promise<void>;

interface Intake extends Admission {
  deadLetters: DeadLetterStore;
  settleSeconds: number;
  /** 0 = no limit. */
  maxAgeMs: number;
}

/** A message may hold thousands of alerts; storage and Durable are not to be flooded with them. */
const AT_ONCE = 50;

export function createTakeIn({ deadLetters, settleSeconds, maxAgeMs, ...admission }: Intake): TakeIn {
  return async ({ alerts, rejected }, { oldest = maxAgeMs > 0 ? new Date(Date.now() - maxAgeMs) : undefined } = {}) => {
    await inGroups([
      ...alerts.map((alert) => () => admit(alert, admission, { settleSeconds, oldest })),
      ...rejected.map((letter) => () => deadLetters.keep(letter)),
    ]);
  };
}

/** Does all of the work, whatever fails of it. */
async function inGroups(work: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (let start = 0; start < work.length; start += AT_ONCE) {
    const outcomes = await Promise.allSettled(work.slice(start, start + AT_ONCE).map((task) => task()));
    failures.push(...outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : [])));
  }
  if (failures.length > 0) throw new AggregateError(failures, "Part of a batch of alerts could not be taken in");
}
