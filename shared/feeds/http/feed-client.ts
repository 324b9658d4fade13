import { type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { pipeline } from "node:stream";
import { urlToHttpOptions } from "node:url";
import { createGunzip } from "node:zlib";
import { getDomain } from "tldts";
import { InsideAddress, lookupOutside, refuseInside } from "./dialling.ts";
import { FeedFault } from "./feed-fault.ts";

/** How much of a feed is taken in by one call. */
export interface FeedLimits {
  /** Counted after unpacking. */
  atMostBytes: number;
  /** From the first word to the last, redirects included. */
  timeoutMs: number;
}

/** A list of some million values; more is a mistake, or an attack. */
export const FEED_LIMITS: FeedLimits = { atMostBytes: 64 * 2 ** 20, timeoutMs: 5 * 60_000 };

export interface FeedCall {
  url: string;
  method?: "GET" | "POST";
  /** Keys included: they go to this host and to no other it redirects to. */
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/** What a feed answered: the pieces of its body as they come, or that nothing has changed since (304). */
export interface FeedAnswer {
  isUnchanged: boolean;
  headers: IncomingMessage["headers"];
  pieces: AsyncIterable<Uint8Array>;
}

/** Calls a feed. @throws FeedFault, also while the pieces are read */
export type CallFeed = (call: FeedCall) => Promise<FeedAnswer>;

const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Calls feeds on the internet so that none of them can lead us astray: only over HTTPS, to no address of the inside, along
 * few redirects and only within one domain, and with an end to size and time.
 *
 * @param isInternal the feed stands in our own network, such as a MISP of one's own: it may have an inside address, and plain
 *   HTTP is for it to choose
 */
export function createFeedClient({
  isInternal = false,
  limits = FEED_LIMITS,
}: {
  isInternal?: boolean;
  limits?: FeedLimits;
} = {}): CallFeed {
  return async (call) => {
    const signal = AbortSignal.timeout(limits.timeoutMs);
    let url = parse(call.url, isInternal);
    let { headers = {} } = call;
    for (let redirects = 0; ; redirects++) {
      const about = { host: url.hostname, limits, signal };
      const answer = await send(url, { ...call, headers }, { signal, isInternal }).catch((cause) => {
        throw faultOf(cause, about);
      });
      const status = answer.statusCode ?? 0;
      if (!REDIRECTS.has(status)) return read(answer, status, about);

      answer.destroy();
      const next = redirected(url, answer.headers.location, isInternal);
      if (redirects === MOST_REDIRECTS || call.method === "POST" || !next) {
        throw new FeedFault("redirect", `${url.hostname} leads elsewhere. Set the feed's url to where it is now.`, {
          status,
        });
      }
      if (next.host !== url.host) headers = {};
      url = next;
    }
  };
}

function parse(text: string, isInternal: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isAllowed = url?.protocol === "https:" || (isInternal && url?.protocol === "http:");
  if (!url || !isAllowed) throw new FeedFault("address", "The feed's url has to begin with https://");
  if (url.username || url.password) throw new FeedFault("address", "A key does not belong into the feed's url.");
  return url;
}

/** Where a redirect leads, if it may be followed. */
function redirected(from: URL, location: string | undefined, isInternal: boolean): URL | undefined {
  if (!location || !URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from);
  const isSafe = to.protocol === "https:" || (isInternal && to.protocol === from.protocol);
  const domain = domainOf(from);
  const isNear = to.hostname === from.hostname || (domain !== null && domainOf(to) === domain);
  return isSafe && isNear ? to : undefined;
}

/** Names of customers under one name of a cloud are different domains. */
const domainOf = ({ hostname }: URL): string | null => getDomain(hostname, { allowPrivateDomains: true });

async function send(
  url: URL,
  { method = "GET", headers = {}, body }: FeedCall,
  { signal, isInternal }: { signal: AbortSignal; isInternal: boolean },
): Promise<IncomingMessage> {
  if (!isInternal) refuseInside(url.hostname);
  return new Promise((resolve, reject) => {
    const begin = url.protocol === "https:" ? overHttps : overHttp;
    const asked = begin(
      {
        ...urlToHttpOptions(url),
        ...{ method, signal, agent: false },
        headers: { "user-agent": "defender-playbooks", "accept-encoding": "gzip", ...headers },
        ...(!isInternal && { lookup: lookupOutside }),
      },
      resolve,
    );
    asked.once("error", reject);
    asked.end(body);
  });
}

interface About {
  host: string;
  limits: FeedLimits;
  signal: AbortSignal;
}

function read(answer: IncomingMessage, status: number, about: About): FeedAnswer {
  const { headers } = answer;
  if (status === 304) {
    answer.resume();
    return { isUnchanged: true, headers, pieces: nothing() };
  }
  const refusal = refusalOf(answer, status, about.host);
  if (refusal) {
    answer.destroy();
    throw refusal;
  }
  return { isUnchanged: false, headers, pieces: piecesOf(answer, about) };
}

function refusalOf({ headers }: IncomingMessage, status: number, host: string): FeedFault | undefined {
  if (status === 401 || status === 403) {
    const words = `${host} lets us not in (${status}). Check the feed's key.`;
    return new FeedFault("sign-in", words, { status });
  }
  if (status !== 200) return new FeedFault("status", `${host} answered ${status}.`, { status });
  if (/^text\/html\b/i.test(headers["content-type"] ?? "")) {
    return new FeedFault(
      "not-data",
      `${host} answered with a web page. Check the feed's url, and whether it asks to sign in.`,
    );
  }
  // Without either, an end and a broken line look the same.
  if (!headers["content-length"] && !headers["transfer-encoding"]) {
    return new FeedFault("not-data", `${host} does not say how much there is to come.`);
  }
  return undefined;
}

async function* piecesOf(answer: IncomingMessage, about: About): AsyncGenerator<Uint8Array, void> {
  const { host, limits } = about;
  let bytes = 0;
  try {
    for await (const piece of unpacked(answer, host)) {
      bytes += piece.byteLength;
      if (bytes > limits.atMostBytes) {
        throw new FeedFault("too-large", `${host} sends more than ${limits.atMostBytes} bytes.`);
      }
      yield piece;
    }
  } catch (cause) {
    throw faultOf(cause, about, true);
  } finally {
    answer.destroy();
  }
}

function unpacked(answer: IncomingMessage, host: string): AsyncIterable<Uint8Array> {
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return answer;
  if (encoding !== "gzip") throw new FeedFault("not-data", `${host} packs its answer in a way it was not asked for.`);
  // Errors of both come out of the end of the pipe.
  return pipeline(answer, createGunzip(), () => {});
}

/** What went wrong, without the words of others: they may quote an address with a key. */
function faultOf(cause: unknown, { host, limits, signal }: About, hasBegun = false): FeedFault {
  if (cause instanceof FeedFault) return cause;
  if (signal.aborted)
    return new FeedFault("too-slow", `${host} took longer than ${limits.timeoutMs / 1000} s.`, { cause });
  if (cause instanceof InsideAddress) {
    const words = `${host} is an address inside of a network. Set internal: true if the feed is your own.`;
    return new FeedFault("address", words, { cause });
  }
  if (hasBegun) return new FeedFault("broken-off", `${host} broke off in the middle of its answer.`, { cause });
  return new FeedFault("unreachable", `${host} cannot be reached (${codeOf(cause)}).`, { cause });
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "no connection";

async function* nothing(): AsyncGenerator<Uint8Array, void> {}

/** The whole of an answer as text; bytes that are no UTF-8 become replacement characters. */
export async function textOf({ pieces }: FeedAnswer): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return new TextDecoder().decode(Buffer.concat(all));
}
