import type { DurableClient, DurableOrchestrationStatus } from "durable-functions";
import { splitStart } from "../../shared/runs/run-input.ts";
import { RunProgress, type RunView } from "../../shared/runs/run-view.ts";
import { playbookOf } from "../../shared/versions/playbook-versions.ts";
import { findStatus } from "../run-control.ts";
import { Problem, registerRoute } from "./http.ts";

const DEFAULT_HOURS = 24;

/** `GET /api/runs/{id}` shows one run: status, steps, outcome. `GET /api/runs?hours=24` lists the latest. */
export function registerShowRun(): void {
  registerRoute({
    name: "showRun",
    method: "GET",
    route: "runs/{id}",
    handle: async (request, client) => ({ jsonBody: await showRun(client, request.params.id ?? "") }),
  });
  registerRoute({
    name: "listRuns",
    method: "GET",
    route: "runs",
    async handle(request, client) {
      const hours = Number(request.query.get("hours") ?? DEFAULT_HOURS);
      if (!(hours > 0 && hours <= 24 * 90)) throw new Problem(400, "hours cannot be used", "Give 1 to 2160 hours.");
      const createdTimeFrom = new Date(Date.now() - hours * 3_600_000);
      const runs = await client.getStatusBy({ createdTimeFrom });
      const views = runs
        .filter(({ instanceId }) => isRunId(instanceId))
        .map(toView)
        .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
      return { jsonBody: { runs: views } };
    },
  });
}

/** One run as the API shows it. @throws Problem 404 */
export async function showRun(client: DurableClient, runId: string): Promise<RunView> {
  // Only our own ids: anything else would become part of an address of the Durable extension.
  const status = isRunId(runId) ? await findStatus(client, runId) : undefined;
  if (status) return toView(status);
  throw new Problem(404, "There is no such run", "It may have been removed after its retention time.");
}

/** Not the watcher of machine actions, nor anything else the app runs for itself. */
const isRunId = (id: string): boolean => /^[a-z]+-[0-9a-f]{40}$/.test(id);

const STATUS: Record<string, RunView["status"]> = {
  Pending: "waiting",
  Running: "running",
  ContinuedAsNew: "running",
  Suspended: "suspended",
  Completed: "finished",
  Failed: "failed",
  Terminated: "cancelled",
  Canceled: "cancelled",
};

const NOTHING_SAID: RunProgress = { progress: "", steps: [] };

function toView(status: DurableOrchestrationStatus): RunView {
  const { input, mode, requestedBy } = splitStart(status.input);
  const view = STATUS[status.runtimeStatus] ?? "running";
  const {
    progress,
    steps,
    isShadow = mode === "shadow",
  } = RunProgress.safeParse(status.customStatus).data ?? NOTHING_SAID;
  return {
    runId: status.instanceId,
    ...playbookOf(status.name),
    mode: isShadow ? "shadow" : mode,
    status: view,
    progress: progress || view,
    startedAt: new Date(status.createdTime).toISOString(),
    updatedAt: new Date(status.lastUpdatedTime).toISOString(),
    steps,
    input,
    ...(requestedBy !== undefined && { requestedBy }),
    ...(view === "finished" && (isShadow ? { wouldHave: status.output } : { outcome: status.output })),
    ...((view === "failed" || view === "cancelled") && { reason: String(status.output ?? "no reason given") }),
  };
}
