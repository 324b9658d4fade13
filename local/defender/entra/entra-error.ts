import { randomUUID } from "node:crypto";
import type { Reply } from "../http.ts";

/**
 * A refusal of the token endpoint, with Entra's own number for it.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
export class EntraError extends Error {
  override name = "EntraError";
  readonly status: number;
  readonly error: string;
  readonly number: number;

  constructor(status: number, error: string, number: number, message: string) {
    super(message);
    this.status = status;
    this.error = error;
    this.number = number;
  }

  toReply(now: number): Reply {
    const [trace, correlation] = [randomUUID(), randomUUID()];
    const timestamp = new Date(now).toISOString().replace("T", " ").replace(/\.\d+/, "");
    const number = String(this.number);
    const ids = `Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
    return {
      status: this.status,
      body: {
        error: this.error,
        error_description: `AADSTS${number}: ${this.message} ${ids}`,
        error_codes: [this.number],
        timestamp,
        trace_id: trace,
        correlation_id: correlation,
      },
    };
  }
}

/** Refusals that hold whatever the app proves, with the status and the error Entra sends along. */
const ORDERED: Record<number, [status: number, error: string, message: string]> = {
  50076: [
    400,
    "interaction_required",
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication.",
  ],
  50079: [400, "interaction_required", "The user is required to use multi-factor authentication."],
  53003: [
    400,
    "invalid_grant",
    "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
  ],
  90033: [503, "temporarily_unavailable", "A transient error has occurred. Please try again."],
};

/** The refusal the control API asked for. */
export function ordered(number: number): EntraError {
  const [status, error, message] = ORDERED[number] ?? [
    400,
    "invalid_grant",
    "The simulator was told to refuse this app.",
  ];
  return new EntraError(status, error, number, message);
}
