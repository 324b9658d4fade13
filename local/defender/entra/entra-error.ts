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
