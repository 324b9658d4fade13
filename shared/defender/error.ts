import { PermanentError } from "../errors.ts";

/** Which call failed, and what Defender said about it. Never a token, a query or a body. */
export interface CallFailure {
  method: string;
  /** Without the query. */
  path: string;
  /** The HTTP status, or 0 where there was no answer. */
  status: number;
  /** Defender's own, e.g. `ResourceNotFound`; `Http<status>` where it gave none. */
  code: string;
  /** What Microsoft's support finds the call by. Defender calls it `target`. */
  correlationId?: string | undefined;
}

/**
 * Defender refused the request, and would refuse it again: any 4xx but 408 and 429.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors
 */
export class DefenderRefusedError extends PermanentError {
  override name = "DefenderRefusedError";
  readonly call: CallFailure;
  /** The permission that would have been enough, where it was a permission that was missing. */
  readonly missingPermission: string | undefined;

  constructor(message: string, call: CallFailure, missingPermission?: string) {
    super(call.code, message);
    this.call = call;
    this.missingPermission = missingPermission;
  }
}

/** Defender does not know the thing asked for; also said of what is too young to be visible, or not ready yet. */
export class DefenderNotFoundError extends DefenderRefusedError {
  override name = "DefenderNotFoundError";
}

/** A request of the same type is open on the machine: the one under way can be joined. */
export class DefenderConflictError extends DefenderRefusedError {
  override name = "DefenderConflictError";
}

/** Defender could not answer now: 408, 5xx, no response at all, or one that cannot be read. The step is tried again. */
export class DefenderUnavailableError extends Error {
  override name = "DefenderUnavailableError";
  readonly call: CallFailure;

  constructor(message: string, call: CallFailure, options?: ErrorOptions) {
    super(message, options);
    this.call = call;
  }
}

/** A limit is used up: 429. A try before the wait is over is refused again. */
export class DefenderThrottledError extends DefenderUnavailableError {
  override name = "DefenderThrottledError";
  /** The calls that share the limit. */
  readonly group: string;
  /** How long Defender asked us to wait, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(message: string, call: CallFailure, { group, retryAfterMs }: { group: string; retryAfterMs: number }) {
    super(message, call);
    this.group = group;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What Defender answers, or `null` where it does not know the thing asked for. */
export async function nullIfNotFound<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DefenderNotFoundError) return null;
    throw error;
  }
}
