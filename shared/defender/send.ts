import type { TokenCredential } from "@azure/identity";
import type { z } from "zod";
import { messageOf } from "../errors.ts";
import { createTokenSource, type TokenSource } from "./access-token.ts";
import { type Call, fillPath, type IdNames, type Service } from "./call.ts";
import { DefenderUnavailableError } from "./error.ts";
import { describe, exchange, failureOf, type Outgoing, readAnswer } from "./exchange.ts";
import { SignInError } from "./identity/sign-in-error.ts";
import { retryAfterMs } from "./retry-after.ts";

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
    const url = addressOf(services[call.service].apiUrl, fillPath(call.path, ids), query);
    const outgoing: Outgoing = { call, url, body, timeoutMs };
    const source = tokens[call.service];

    let token = await tokenFor(outgoing, source);
    let incoming = await exchange(outgoing, token);
    if (incoming.response.status === 401) {
      source.forget(token);
      token = await tokenFor(outgoing, source);
      incoming = await exchange(outgoing, token);
    }
    if (incoming.response.status === 429 && call.method === "GET") {
      const waitMs = retryAfterMs(incoming.response.headers, Date.now());
      if (waitMs <= SHORT_WAIT_MS) {
        await new Promise((resume) => setTimeout(resume, waitMs));
        incoming = await exchange(outgoing, token);
      }
    }
    return readAnswer(outgoing, incoming, token) as never;
  };
}

/** A token, or an error that also says which call could not be made for want of one. */
async function tokenFor(outgoing: Outgoing, source: TokenSource): Promise<string> {
  try {
    return await source.get();
  } catch (cause) {
    const message = `${describe(outgoing)} was not made: ${messageOf(cause)}`;
    if (cause instanceof SignInError) throw new SignInError(cause.code, message, { cause });
    throw new DefenderUnavailableError(message, failureOf(outgoing, 0, "NoToken"), { cause });
  }
}

/** A base address may have a path of its own. A blank goes out as `%20`: not every gateway takes `+` for one. */
function addressOf(apiUrl: string, path: string, query: Readonly<Record<string, string>>): URL {
  const url = new URL(apiUrl.replace(/\/$/, "") + path);
  url.search = new URLSearchParams(query).toString().replaceAll("+", "%20");
  return url;
}
