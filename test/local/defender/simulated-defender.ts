import { createSimulatorControl } from "../../../local/defender/control-client.ts";
import { type DefenderOptions, startDefender, type TokenOrder } from "../../../local/defender/server.ts";

/** What a test reads of an answer; fields it does not name are there too. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Row & { value: Row[]; error: { code: string; message: string; target: string; details: unknown[] } };
}

// Tests read answers as any client would: by name, and trusting nothing else.
export type Row = Record<string, unknown> & { id: string; status: string };

export type Call = (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<Answer>;

/** Sends calls to an API at `apiUrl` with the given token. */
export const callWith =
  (apiUrl: string, token: string): Call =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(new URL(path, apiUrl), {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  };

export const GRAPH = "https://graph.microsoft.com";
export const XDR = "https://api.security.microsoft.com";

/** A clock that stands still until it is moved. */
export function stoppedClock(start = "2026-01-05T09:00:00.000Z") {
  let now = Date.parse(start);
  return {
    restart: () => {
      now = Date.parse(start);
    },
    now: () => now,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

/** A simulator that stops when the test ends, with a client that is signed in. */
export async function simulatedDefender(options: DefenderOptions = {}) {
  const clock = stoppedClock();
  const defender = await startDefender({ clock: clock.now, ...options });
  const lifetimeSeconds = days(365) / 1000;
  return {
    ...defender,
    clock,
    /** Calls with these permissions and no others. */
    callAs: (roles: readonly string[], order: TokenOrder = {}) =>
      callWith(defender.apiUrl, defender.issueToken({ lifetimeSeconds, roles, ...order })),
    control: createSimulatorControl(defender.apiUrl),
    call: callWith(defender.apiUrl, defender.issueToken({ lifetimeSeconds })),
    [Symbol.asyncDispose]: defender.close,
  };
}

export const seconds = (count: number): number => count * 1000;
export const minutes = (count: number): number => seconds(count * 60);
export const days = (count: number): number => minutes(count * 24 * 60);

export const isolation = { Comment: "Run run-1 for alert da1", IsolationType: "Full" };
export const release = { Comment: "Checked and clean" };
export const collection = { Comment: "For the file" };

/** The message of a refusal, whoever refuses. */
export async function refusal(response: Response): Promise<{ code: string; message: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return error;
}
