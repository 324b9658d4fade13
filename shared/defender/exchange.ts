import { z } from "zod";
import { parseExactJson } from "../exact-json.ts";
import type { Call } from "./call.ts";
import { type CallFailure, DefenderThrottledError, DefenderUnavailableError } from "./error.ts";
import { readErrorBody, toRefusal } from "./refusal.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Hunting answers with up to 50 MB; nothing else comes near. */
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

/** One call on its way: what is declared of it, and where this one goes. */
export interface Outgoing {
  call: Call;
  url: URL;
  /** Sent as JSON, or as it is when it is a form. */
  body: object | undefined;
  timeoutMs: number;
}

/** What came back, not looked at yet. */
export interface Incoming {
  response: Response;
  text: string;
}

export const describe = ({ call, url }: Outgoing): string => `${call.method} ${url.pathname}`;

export const failureOf = (
  { call, url }: Outgoing,
  status: number,
  code: string,
  correlationId?: string,
): CallFailure => ({ method: call.method, path: url.pathname, status, code, correlationId });

/** Sends a request once. @throws DefenderUnavailableError where no whole answer comes back */
export async function exchange(outgoing: Outgoing, token: string): Promise<Incoming> {
  const { call, url, body, timeoutMs } = outgoing;
  const isForm = body instanceof FormData;
  try {
    const response = await fetch(url, {
      method: call.method,
      headers: {
        ...call.headers,
        authorization: `Bearer ${token}`,
        ...(body && !isForm && { "content-type": "application/json" }),
      },
      ...(body && { body: isForm ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(call.timeoutSeconds ? call.timeoutSeconds * 1000 : timeoutMs),
    });
    return { response, text: await response.text() };
  } catch (cause) {
    const message = `${describe(outgoing)} got no response from ${url.origin}`;
    throw new DefenderUnavailableError(message, failureOf(outgoing, 0, "NoResponse"), { cause });
  }
}

/** Checks what came back. @throws the error that says what it means */
export function readAnswer(outgoing: Outgoing, { response, text }: Incoming, token: string): unknown {
  const { status, headers } = response;
  const said = `${describe(outgoing)} answered ${status}`;
  if (!response.ok) throw toError(outgoing, { response, text }, token);

  const content = text === "" ? undefined : parsed(text);
  if (text !== "" && content === undefined) {
    const type = headers.get("content-type") ?? "no content type";
    throw new DefenderUnavailableError(
      `${said} with ${text.length} characters that are not JSON (${type}): a proxy may stand in between`,
      failureOf(outgoing, status, "UnreadableAnswer"),
    );
  }
  const checked = outgoing.call.answer.safeParse(content);
  if (checked.success) return checked.data;
  throw new DefenderUnavailableError(
    `${said} with something unexpected: ${z.prettifyError(checked.error)}`,
    failureOf(outgoing, status, "UnexpectedAnswer"),
  );
}

function toError(outgoing: Outgoing, { response, text }: Incoming, token: string): Error {
  const { status, headers } = response;
  const said = `${describe(outgoing)} answered ${status}`;
  const { code, message, target } = readErrorBody(parsed(text), status);
  const failure = failureOf(outgoing, status, code, target);
  if (status === 429) {
    const waitMs = retryAfterMs(headers, Date.now());
    const advice = `it may be asked again in ${Math.ceil(waitMs / 1000)} s`;
    const { group } = outgoing.call;
    return new DefenderThrottledError(`${said}: ${message}; ${advice}`, failure, { group, retryAfterMs: waitMs });
  }
  if (status === 408 || status >= 500) return new DefenderUnavailableError(`${said}: ${message}`, failure);
  return toRefusal(outgoing.call, failure, message, token);
}

function parsed(text: string): unknown {
  try {
    return parseExactJson(text, { maxBytes: LARGEST_ANSWER_BYTES });
  } catch {
    return undefined;
  }
}
