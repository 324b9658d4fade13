import { undoRunId } from "../../shared/runs/run-id.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";
import { Problem, registerRoute } from "./http.ts";
import type { RequesterOf } from "./requester.ts";
import { showRun } from "./show-run.ts";

/**
 * `POST /api/runs/{id}/undo` takes back what a run did, and answers 202 with the address of the run that does so.
 *
 * Safe to repeat: a run is undone once. One that is still under way has to be cancelled first, as it might do more.
 */
export function registerUndoRun(requesterOf: RequesterOf): void {
  registerRoute({
    name: "undoRun",
    method: "POST",
    route: "runs/{id}/undo",
    async handle(request, client, context) {
      const { runId, status } = await showRun(client, request.params.id ?? "");
      if (!["finished", "failed", "cancelled"].includes(status)) {
        throw new Problem(409, "The run is still under way", `Cancel it first: POST /api/runs/${runId}/cancel.`);
      }
      const requestedBy = await requesterOf(request);
      const undoId = undoRunId(runId);
      const outcome = await createRunControl(client).startOnce("undo-run", undoId, { runId }, { requestedBy });
      context.info(logLine("undo requested", { runId, undoId, outcome }));
      const address = `/api/runs/${undoId}`;
      return { status: 202, headers: { location: address }, jsonBody: { runId: undoId, undoes: runId, address } };
    },
  });
}
