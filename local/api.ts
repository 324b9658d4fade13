import type { Decision } from "../shared/intake/decision-log.ts";
import { RunView } from "../shared/runs/run-view.ts";
import type { Ticket } from "../shared/tickets/ticket.ts";
import { openKeys } from "./host/keys.ts";

/** The app's HTTP API, as the programs on this machine call it. */
export interface Api {
  runs(): Promise<RunView[]>;
  /** What intake decided about an alert; empty while it has not come in. */
  decisions(alertId: string): Promise<Decision[]>;
  ticket(runId: string): Promise<Ticket | undefined>;
}

/** Connects to the app on the embedded host at `url`, with the key from the host's own key file. */
export async function connectApi({ url, keysFile }: { url: string; keysFile: string }): Promise<Api> {
  const { functionKey } = await openKeys(keysFile);

  async function get<T>(path: string): Promise<T | undefined> {
    const response = await fetch(new URL(path, url), { headers: { "x-functions-key": functionKey } });
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  return {
    runs: async () => ((await get<{ runs: unknown[] }>("/api/runs"))?.runs ?? []).map((run) => RunView.parse(run)),
    decisions: async (alertId) => (await get<{ decisions: Decision[] }>(`/api/alerts/${alertId}`))?.decisions ?? [],
    ticket: (runId) => get<Ticket>(`/api/runs/${runId}/ticket`),
  };
}
