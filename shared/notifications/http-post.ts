import { setTimeout } from "node:timers/promises";
import { type ChannelSetting, type Clock, requiredSetting } from "./channel.ts";
import { refused, unavailable } from "./delivery-error.ts";

const TIMEOUT_MS = 10_000;

/** Who has to wait longer than this is told to come again. */
const LONGEST_WAIT_MS = 5_000;

const CLOCK: Clock = { now: Date.now, wait: (ms) => setTimeout(ms) };

export interface Posted {
  status: number;
  text: string;
}

export type HttpPost = ReturnType<typeof createHttpPost>;

/**
 * Posts to one service, no faster than it allows, and not before it said in `Retry-After`.
 *
 * @param everyMs between two requests
 */
export function createHttpPost(service: string, everyMs: number, { clock = CLOCK }: Pick<ChannelSetting, "clock">) {
  let next = 0;

  async function turn(): Promise<void> {
    const now = clock.now();
    const waitMs = next - now;
    if (waitMs > LONGEST_WAIT_MS) throw unavailable(`${service} is to be left alone for ${Math.ceil(waitMs / 1000)} s`);
    next = Math.max(next, now) + everyMs;
    if (waitMs > 0) await clock.wait(waitMs);
  }

  /**
   * @param from the app setting to look at, for messages
   * @throws DeliveryError unless the service has taken it
   */
  return async (url: URL, body: string, { from, headers }: { from: string; headers?: Record<string, string> }) => {
    await turn();
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/json; charset=utf-8", "user-agent": "defender-playbooks", ...headers },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw unavailable(`${service} did not answer${codeOf(error)}`);
    });
    const text = await response.text().catch(() => "");
    const { status, ok } = response;
    if (ok) return { status, text } satisfies Posted;
    if (status === 429 || status === 408 || status >= 500) {
      next = Math.max(next, clock.now() + retryAfterMs(response.headers.get("retry-after"), clock.now()));
      throw unavailable(`${service} answered ${status}`);
    }
    const redirects = status >= 300 && status < 400 ? ", and is asked for elsewhere" : "";
    throw refused(`${service} answered ${status}${redirects}${wordOf(text)}; check the app setting ${from}`);
  };
}

/** The address in an app setting. @throws DeliveryError when there is none, or one that anybody could listen to */
export function addressIn(setting: Pick<ChannelSetting, "settingOf">, name: string): URL {
  const url = URL.parse(requiredSetting(setting, name));
  if (!url || !isSafe(url)) throw refused(`the app setting ${name} holds no address that begins with https`);
  return url;
}

export const isLocal = (host: string): boolean => /^(localhost|127\.0\.0\.1|\[?::1\]?)$/i.test(host);

const isSafe = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && isLocal(hostname));

/** Slack says what is wrong in one word. Anything longer may hold what is secret. */
const wordOf = (text: string): string => (/^[a-z_]{3,40}$/.test(text.trim()) ? ` ${text.trim()}` : "");

/** Such as ` (ENOTFOUND)`. */
function codeOf(error: unknown): string {
  const { name, cause } = Object(error) as { name?: unknown; cause?: unknown };
  const { code } = Object(cause) as { code?: unknown };
  if (typeof code === "string") return ` (${code})`;
  return name === "TimeoutError" ? ` within ${TIMEOUT_MS / 1000} s` : "";
}

function retryAfterMs(header: string | null, now: number): number {
  if (!header) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}
