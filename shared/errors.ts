/**
 * A failure that trying again cannot mend: a bad request, a missing machine, a permission not granted.
 *
 * An activity throws it; the step ends at once instead of being retried.
 */
export class PermanentError extends Error {
  override name = "PermanentError";
  /** Short and stable, for code and for a search in the logs, e.g. `ResourceNotFound` or `PolicyDenied`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Something else has to end before the step can begin, so nothing was asked for. The step is tried again, and people are
 * told what it waits for.
 */
export class MustWaitError extends Error {
  override name = "MustWaitError";
}

/** A failure that may pass, of a system that may have said when to come back. The step is tried again, not before that. */
export class RetryLaterError extends Error {
  override name = "RetryLaterError";
  /** Absent: the system has not said. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A permanent failure of one step, as the playbook sees it. Uncaught, it ends the run as failed. */
export class StepFailed extends Error {
  override name = "StepFailed";
  readonly activity: string;
  readonly code: string;
  /** What the activity said, without the name of the step. */
  readonly reason: string;

  constructor(activity: string, code: string, reason: string) {
    super(`${activity} failed with ${code}: ${reason}`);
    this.activity = activity;
    this.code = code;
    this.reason = reason;
  }
}

/** The message of whatever was thrown, for a log line or a record. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
