import { z } from "zod";
import type { Decision } from "../shared/intake/decision-log.ts";
import { ALERTS_API } from "../shared/intake/read-listed-alerts.ts";
import type { Mode } from "../shared/mode.ts";
import { RunView } from "../shared/runs/run-view.ts";
import type { Ticket } from "../shared/tickets/ticket.ts";
import { openKeys } from "./host/keys.ts";

/** What intake made of a message. */
const TakenIn = z.object({
  alerts: z.number(),
  started: z.number(),
  joined: z.number(),
  duplicates: z.number(),
  /** Why something in the message cannot be used. */
  rejected: z.array(z.string()),
});
export type TakenIn = z.infer<typeof TakenIn>;

export interface IntakeOptions {
  mode?: Mode | undefined;
  /** Alerts published before are let be. */
  oldest?: Date | undefined;
  /** Whether the message is an alert of the alerts API, and not a message of the stream. */
  isListed?: boolean | undefined;
}

/** The app's HTTP API, as the programs on this machine call it. */
export interface Api {
  runs(): Promise<RunView[]>;
  run(runId: string): Promise<RunView | undefined>;
  /** @returns the id of the run */
  startRun(playbook: string, parameters: object): Promise<string>;
  /** What intake decided about an alert; empty while it has not come in. */
  decisions(alertId: string): Promise<Decision[]>;
  ticket(runId: string): Promise<Ticket | undefined>;
  /** Has a message of the alert stream taken in. */
  takeIn(message: Uint8Array | string, options?: IntakeOptions): Promise<TakenIn>;
}

/** Connects to the app on the embedded host at `url`, with the key from the host's own key file. */
export async function connectApi({ url, keysFile }: { url: string; keysFile: string }): Promise<Api> {
  const { functionKey } = await openKeys(keysFile);
  return createApi({ url, key: functionKey });
}

/** Connects to an app, wherever it runs. */
export function createApi({ url, key }: { url: string; key: string }): Api {
  async function call(path: string, request: RequestInit = {}): Promise<Response> {
    const address = new URL(path, url);
    try {
      return await fetch(address, { ...request, headers: { "x-functions-key": key } });
    } catch (cause) {
      throw new Error(`The app at ${address.origin} does not answer. Is it running?`, { cause });
    }
  }

  async function read(response: Response, what: string): Promise<unknown> {
    if (!response.ok) throw new Error(`${what} answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  async function get<T>(path: string): Promise<T | undefined> {
    const response = await call(path);
    return response.status === 404 ? undefined : ((await read(response, `GET ${path}`)) as T);
  }

  const post = async (path: string, body: Uint8Array<ArrayBuffer> | string) =>
    read(await call(path, { method: "POST", body }), `POST ${path}`);

  return {
    runs: async () => ((await get<{ runs: unknown[] }>("/api/runs"))?.runs ?? []).map((run) => RunView.parse(run)),
    run: async (runId) => RunView.optional().parse(await get(`/api/runs/${runId}`)),
    async startRun(playbook, parameters) {
      const started = await post(`/api/playbooks/${playbook}/runs`, JSON.stringify(parameters));
      return z.object({ runId: z.string() }).parse(started).runId;
    },
    decisions: async (alertId) => (await get<{ decisions: Decision[] }>(`/api/alerts/${alertId}`))?.decisions ?? [],
    ticket: (runId) => get<Ticket>(`/api/runs/${runId}/ticket`),
    async takeIn(message, { mode, oldest, isListed } = {}) {
      const query = new URLSearchParams({
        ...(mode && { mode }),
        ...(oldest && { oldest: oldest.toISOString() }),
        ...(isListed && { source: ALERTS_API }),
      });
      const body = typeof message === "string" ? message : new Uint8Array(message);
      return TakenIn.parse(await post(`/api/intake?${query}`, body));
    },
  };
}
