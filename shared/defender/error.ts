import { PermanentError } from "../errors.ts";

/**
 * Defender refused the request, and would refuse it again: any 4xx but 408 and 429.
 *
 * `code` is Defender's own, e.g. `ResourceNotFound` or `ActiveRequestAlreadyExists`.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors
 */
export class DefenderRefusedError extends PermanentError {
  override name = "DefenderRefusedError";
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(code, message);
    this.status = status;
  }
}

/** Defender could not answer now: 408, 429, 5xx, or no response at all. The step is tried again. */
export class DefenderUnavailableError extends Error {
  override name = "DefenderUnavailableError";
  /** How long Defender asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfterMs?: number | undefined } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Defender knows no such machine, alert or action; also said of an action too young to be visible. */
const isNotFound = (error: unknown): boolean => error instanceof DefenderRefusedError && error.status === 404;

/** What Defender answers, or `null` where it does not know the thing asked for. */
export async function nullIfNotFound<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** A request of the same type is open on the machine. Some services send only the text, without the code. */
export const isAlreadyActive = (error: unknown): boolean =>
  error instanceof DefenderRefusedError &&
  error.status === 400 &&
  (error.code === "ActiveRequestAlreadyExists" || /already in progress/i.test(error.message));
