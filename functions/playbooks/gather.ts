import { StepFailed } from "../../shared/errors.ts";
import type { StoredEvidence } from "../../shared/evidence/piece.ts";
import { overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { type Came, type Errand, followAndTell, request } from "./follow-and-tell.ts";

type Collection = Errand & {
  queuedAfterSeconds: number;
  /** Says to people that the device is away. */
  tell(words: string): Steps<void>;
  /** Keeps what the device has handed over. */
  store(action: NonNullable<Came["action"]>): Steps<StoredEvidence>;
};

/** What came of one piece of evidence. */
export interface Gathered extends Came {
  what: string;
  stored?: StoredEvidence;
}

/** Has a device hand something over, and keeps it as evidence with its SHA-256. */
export function* gather(run: Run, collection: Collection): Steps<Gathered> {
  const { what, store, queuedAfterSeconds } = collection;
  const requested = yield* request(run, collection);
  const came = yield* followAndTell(run, requested, { ...collection, queuedAfter: { seconds: queuedAfterSeconds } });
  if (came.outcome !== "done" || !came.action) return { what, ...came };

  const { action } = came;
  // Links to packages are given out twice a minute only: those of a fleet take a while.
  const stored = yield* overOutages(run, () => store(action));
  if (stored instanceof StepFailed) {
    return { ...came, what, outcome: "failed", words: `collected but not stored: ${stored.reason}` };
  }
  return { ...came, what, words: `stored as ${stored.name}, SHA-256 ${stored.sha256}`, stored };
}
