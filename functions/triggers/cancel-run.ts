import { logLine } from "../log-line.ts";
import { findStatus, terminate } from "../run-control.ts";
import { Problem, readJsonObject, registerRoute } from "./http.ts";
import { showRun } from "./show-run.ts";

/**
 * `POST /api/runs/{id}/cancel` ends a run where it stands, with an optional `{"reason": "..."}`.
 *
 * Safe to repeat. What the run has already asked of Defender goes on: cancelling a run releases no device.
 */
export function registerCancelRun(): void {
  registerRoute({
    name: "cancelRun",
    method: "POST",
    route: "runs/{id}/cancel",
    async handle(request, client, context) {
      const run = await showRun(client, request.params.id ?? "");
      const { reason } = await readJsonObject(request);
      if (run.status === "finished" || run.status === "failed") {
        throw new Problem(409, "The run has already ended", `It is ${run.status}; nothing is left to cancel.`);
      }
      if (run.status !== "cancelled") {
        await terminate(client, run.runId, typeof reason === "string" && reason ? reason : "no reason given");
        context.info(logLine("run cancelled", { runId: run.runId }));
      }
      const status = (await findStatus(client, run.runId))?.runtimeStatus;
      return { status: 202, jsonBody: { runId: run.runId, cancelling: status !== "Terminated" } };
    },
  });
}
