import type { TokenCredential } from "@azure/identity";
import { z } from "zod";
import { createTokenSource } from "./access-token.ts";
import { DefenderRefusedError, DefenderUnavailableError } from "./error.ts";

const ErrorBody = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string().nullish(), target: z.string().nullish() }),
});

const LONGEST_WAIT_MS = 10_000;

export interface DefenderOptions {
  /** e.g. `https://eu.api.security.microsoft.com`. Differs from the token's audience on purpose. */
  apiUrl: string;
  /** What the token is asked for, e.g. `https://api.securitycenter.microsoft.com/.default`. */
  scope: string;
  credential: TokenCredential;
  /** How long one call may take, in milliseconds. @default 30000 */
  timeoutMs?: number;
}

export type DefenderRequest = <T extends z.ZodType>(call: {
  method: "GET" | "POST" | "PATCH";
  path: string;
  query?: Record<string, string>;
  body?: object;
  answer: T;
}) => Promise<z.output<T>>;

/**
 * Sends one call to the Defender API and checks its answer.
 *
 * A 401 is tried once more with a new token. For reads a 429 with a short `Retry-After` is waited for once; the rest is
 * left to the platform's retries.
 *
 * @throws DefenderRefusedError for what trying again cannot mend
 * @throws DefenderUnavailableError for what may work later
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors
 */
export function createDefenderRequest({
  apiUrl,
  scope,
  credential,
  timeoutMs = 30_000,
}: DefenderOptions): DefenderRequest {
  const tokens = createTokenSource(credential, scope);

  async function send(method: string, url: URL, body: object | undefined): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${await tokens.get()}` };
    if (body) headers["content-type"] = "application/json";
    return fetch(url, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new DefenderUnavailableError(`${method} ${url.pathname} got no response from ${url.origin}`, { cause });
    });
  }

  return async function request({ method, path, query = {}, body, answer }) {
    const url = new URL(path, apiUrl);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);

    let response = await send(method, url, body);
    if (response.status === 401) {
      tokens.forget();
      response = await send(method, url, body);
    }
    // A request that changes something is not sent again here: the step looks first whether it has taken effect.
    if (response.status === 429 && method === "GET") {
      const waitMs = retryAfterMs(response) ?? Number.POSITIVE_INFINITY;
      if (waitMs <= LONGEST_WAIT_MS) {
        await new Promise((resume) => setTimeout(resume, waitMs));
        response = await send(method, url, body);
      }
    }
    const text = await response.text();
    const call = `${method} ${url.pathname}`;
    if (!response.ok) throw toError(call, response, text);

    const checked = answer.safeParse(parseJson(text));
    if (checked.success) return checked.data;
    throw new DefenderUnavailableError(`${call} answered something unexpected: ${z.prettifyError(checked.error)}`);
  };
}

function toError(call: string, response: Response, text: string): Error {
  const { status } = response;
  if (status === 408 || status === 429 || status >= 500) {
    return new DefenderUnavailableError(`${call} answered ${status}`, { retryAfterMs: retryAfterMs(response) });
  }
  // Gateways answer with HTML or nothing at all, the OData layer with an empty code.
  const error = ErrorBody.safeParse(parseJson(text)).data?.error;
  const code = error?.code || `Http${status}`;
  const correlation = error?.target ? ` (correlation id ${error.target})` : "";
  return new DefenderRefusedError(
    status,
    code,
    `${call} answered ${status} ${code}: ${error?.message ?? "no reason given"}${correlation}`,
  );
}

/** Seconds or an HTTP date, as the header allows both. */
function retryAfterMs(response: Response): number | undefined {
  const header = response.headers.get("retry-after");
  if (!header) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
