import { PermanentError, RetryLaterError } from "../errors.ts";
import { oneLine } from "./plain-text.ts";

const TIMEOUT_MS = 30_000;
const LONGEST_REASON = 300;

/** A failure of a ticket system that may pass. */
export class TicketSystemUnavailable extends RetryLaterError {
  override name = "TicketSystemUnavailable";
  /** Whether the request was surely not carried out. */
  readonly wasRefused: boolean;

  constructor(message: string, { retryAfterMs, wasRefused = false }: { retryAfterMs?: number; wasRefused?: boolean }) {
    super(message, retryAfterMs);
    this.wasRefused = wasRefused;
  }
}

/** What a ticket system refuses, and would again. */
export class TicketSystemRefused extends PermanentError {
  readonly status: number;

  constructor(message: string, status: number) {
    super("TicketSystemRefused", message);
    this.status = status;
  }
}

export interface JsonRequest {
  body?: unknown;
  contentType?: string;
}

export type JsonClient = ReturnType<typeof createJsonClient>;

/**
 * Calls a ticket system and reads its JSON. Once a system has said `Retry-After`, it is not called before that time.
 *
 * @param headers what proves who calls, by the secret: neither is ever part of a message
 */
export function createJsonClient(
  { name, url, headers, secret }: { name: string; url: string; headers: Record<string, string>; secret: string },
  now: () => Date = () => new Date(),
) {
  const base = url.replace(/\/+$/, "");
  const hide = hiding([secret, headers.authorization ?? ""]);
  let notBefore = 0;

  /** @throws PermanentError `TicketSystemRefused` for what trying again cannot mend, TicketSystemUnavailable for the rest */
  return async (method: string, path: string, { body, contentType = "application/json" }: JsonRequest = {}) => {
    const call = `${method} ${path.split("?")[0]}`;
    const leftMs = notBefore - now().getTime();
    if (leftMs > 0) {
      throw new TicketSystemUnavailable(`${name} asked to be left alone`, { retryAfterMs: leftMs, wasRefused: true });
    }
    const response = await fetch(base + path, {
      method,
      redirect: "error",
      headers: {
        accept: "application/json",
        "user-agent": "defender-playbooks",
        ...headers,
        ...(body !== undefined && { "content-type": contentType }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => {
      throw new TicketSystemUnavailable(`${name} did not answer ${call}`, {});
    });
    const text = await response.text().catch(() => {
      throw new TicketSystemUnavailable(`${name} broke off its answer to ${call}`, {});
    });
    if (response.ok) return text === "" ? undefined : parse(text, `${name} answered ${call} with no JSON`);

    const { status } = response;
    if (status === 429 || status === 408 || status >= 500) {
      const retryAfterMs = retryAfterOf(response.headers.get("retry-after"), now());
      if (retryAfterMs !== undefined) notBefore = now().getTime() + retryAfterMs;
      const about = { wasRefused: status === 429, ...(retryAfterMs !== undefined && { retryAfterMs }) };
      throw new TicketSystemUnavailable(`${name} answered ${call} with ${status}`, about);
    }
    const reason = oneLine(hide(text), LONGEST_REASON);
    throw new TicketSystemRefused(
      `${name} answered ${call} with ${status}. ${ADVICE[status] ?? ""} It said: ${reason}`,
      status,
    );
  };
}

const ADVICE: Record<number, string> = {
  401: "Check TICKET_USER and TICKET_SECRET.",
  403: "The account of TICKET_SECRET lacks a permission.",
  404: "Check TICKET_URL and TICKET_PROJECT, and that the account may see them.",
};

/** Takes secrets out of a text, also as they stand in JSON, in an address, and after the word that names the scheme. */
function hiding(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .flatMap((secret) => [secret, secret.split(" ").at(-1) ?? ""])
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .filter((form) => form !== "")
    .sort((one, other) => other.length - one.length);
  return (text) => forms.reduce((said, form) => said.replaceAll(form, "***"), text);
}

/** A system that lets nobody in sometimes answers with a page to sign in. */
function parse(text: string, message: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PermanentError("TicketSystemRefused", `${message}. Check TICKET_URL, TICKET_USER and TICKET_SECRET.`);
  }
}

function retryAfterOf(header: string | null, now: Date): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** What proves a name and a secret by basic authentication. */
export const basic = (user: string, secret: string): string =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
