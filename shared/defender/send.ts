import type { TokenCredential } from "@azure/identity";
import { z } from "zod";
import { parseExactJson } from "../exact-json.ts";
import { createTokenSource } from "./access-token.ts";
import { type Call, fillPath, type IdNames, type Service } from "./call.ts";
import { type CallFailure, DefenderThrottledError, DefenderUnavailableError } from "./error.ts";
import { readErrorBody, toRefusal } from "./refusal.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Hunting answers with up to 50 MB; nothing else comes near. */
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

/** Longer waits are durable timers: they must not hold an activity. */
const SHORT_WAIT_MS = 5_000;

export interface DefenderOptions {
  /** Where each service is, e.g. `https://eu.api.security.microsoft.com`, and what its token is asked for. The two differ on purpose. */
  services: Readonly<Record<Service, { apiUrl: string; scope: string }>>;
  credential: TokenCredential;
  /** Which service hunting queries are sent to. @default graph */
  hunting?: "graph" | "defender";
  /** How long one call may take, in milliseconds. @default 30000 */
  timeoutMs?: number;
}

/** What one request adds to its call. */
export type Filled<Path extends string> = {
  query?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as it is when it is a form. */
  body?: object;
} & ([IdNames<Path>] extends [never] ? { ids?: undefined } : { ids: Readonly<Record<IdNames<Path>, string | number>> });

/**
 * Sends a request and gives back its checked answer.
 *
 * @throws SignInError where no token can be had until a person changes something
 * @throws DefenderRefusedError for what trying again cannot mend
 * @throws DefenderThrottledError where a limit is used up, with the time to wait
 * @throws DefenderUnavailableError for what may work later
 */
export type Send = <Path extends string, Answer extends z.ZodType>(
  call: Call<Path, Answer>,
  request: Filled<Path>,
) => Promise<z.output<Answer>>;

/**
 * The one way to Defender. A 401 is tried once more with a new token, and a read that is asked to wait a few seconds
 * once more after them. Nothing that changes something is sent twice: the platform tries the step again, and the step
 * looks first whether it has taken effect.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/common-errors
 */
export function createSend({ services, credential, timeoutMs = 30_000 }: DefenderOptions): Send {
  const tokens = {
    defender: createTokenSource(credential, services.defender.scope),
    xdr: createTokenSource(credential, services.xdr.scope),
    graph: createTokenSource(credential, services.graph.scope),
  };

  return async function send(call, { ids, query = {}, body }) {
    const path = fillPath(call.path, ids);
    const url = addressOf(services[call.service].apiUrl, path, query);
    const failed = (status: number, code: string, correlationId?: string): CallFailure => ({
      method: call.method,
      path: url.pathname,
      status,
      code,
      correlationId,
    });

    async function attempt(token: string): Promise<{ response: Response; text: string }> {
      const limitMs = call.timeoutSeconds ? call.timeoutSeconds * 1000 : timeoutMs;
      try {
        const response = await fetch(url, {
          method: call.method,
          headers: {
            ...call.headers,
            authorization: `Bearer ${token}`,
            ...(isJson(body) && { "content-type": "application/json; charset=utf-8" }),
          },
          ...(body && { body: isJson(body) ? JSON.stringify(body) : (body as FormData) }),
          signal: AbortSignal.timeout(limitMs),
        });
        return { response, text: await response.text() };
      } catch (cause) {
        const message = `${call.method} ${url.pathname} got no response from ${url.origin}`;
        throw new DefenderUnavailableError(message, failed(0, "NoResponse"), { cause });
      }
    }

    const source = tokens[call.service];
    let token = await source.get();
    let { response, text } = await attempt(token);
    if (response.status === 401) {
      source.forget(token);
      token = await source.get();
      ({ response, text } = await attempt(token));
    }
    if (response.status === 429 && call.method === "GET") {
      const waitMs = retryAfterMs(response.headers, Date.now());
      if (waitMs <= SHORT_WAIT_MS) {
        await new Promise((resume) => setTimeout(resume, waitMs));
        ({ response, text } = await attempt(token));
      }
    }

    const { status } = response;
    const said = `${call.method} ${url.pathname} answered ${status}`;
    if (!response.ok) {
      const { code, message, target } = readErrorBody(parsed(text), status);
      const failure = failed(status, code, target);
      if (status === 429) {
        const waitMs = retryAfterMs(response.headers, Date.now());
        const text = `${said}: ${message}; it may be asked again in ${Math.ceil(waitMs / 1000)} s`;
        throw new DefenderThrottledError(text, failure, { group: call.group, retryAfterMs: waitMs });
      }
      if (status === 408 || status >= 500) throw new DefenderUnavailableError(`${said}: ${message}`, failure);
      throw toRefusal(call, failure, message, token);
    }
    const content = text === "" ? undefined : parsed(text);
    if (text !== "" && content === undefined) {
      const type = response.headers.get("content-type") ?? "no content type";
      throw new DefenderUnavailableError(
        `${said} with ${text.length} characters that are not JSON (${type}): a proxy may stand in between`,
        failed(status, "UnreadableAnswer"),
      );
    }
    const checked = call.answer.safeParse(content);
    if (checked.success) return checked.data;
    throw new DefenderUnavailableError(
      `${said} with something unexpected: ${z.prettifyError(checked.error)}`,
      failed(status, "UnexpectedAnswer"),
    );
  };
}

/** A base address may have a path of its own. A blank goes out as `%20`: not every gateway takes `+` for one. */
function addressOf(apiUrl: string, path: string, query: Readonly<Record<string, string>>): URL {
  const url = new URL(apiUrl.replace(/\/$/, "") + path);
  url.search = new URLSearchParams(query).toString().replaceAll("+", "%20");
  return url;
}

const isJson = (body: object | undefined): boolean => body !== undefined && !(body instanceof FormData);

function parsed(text: string): unknown {
  try {
    return parseExactJson(text, { maxBytes: LARGEST_ANSWER_BYTES });
  } catch {
    return undefined;
  }
}
