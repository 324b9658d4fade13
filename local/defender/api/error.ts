import { randomUUID } from "node:crypto";
import type { Reply } from "../http.ts";

/**
 * A call Defender refuses. The answer carries the code, a sentence, and a correlation id in `target`.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors
 */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  toReply(): Reply {
    const error = { code: this.code, message: this.message, target: randomUUID() };
    return { status: this.status, headers: this.headers, body: { error } };
  }
}

/** A query option the OData layer does not know. That layer answers without a code or a correlation id. */
export class UnknownQueryOptionError extends ApiError {
  override name = "UnknownQueryOptionError";

  constructor(option: string) {
    super(400, "", `The query parameter '${option}' is not supported.`);
  }

  override toReply(): Reply {
    return { status: this.status, body: { error: { code: this.code, message: this.message, details: [] } } };
  }
}

export const notFound = (what: string, id: string): ApiError =>
  new ApiError(404, "ResourceNotFound", `${what} ${id} was not found`);
