import type { AuditLog } from "../../shared/audit/audit-log.ts";
import { Problem, registerRoute } from "./http.ts";

/**
 * `GET /api/runs/{runId}/audit` shows what was decided and done for a run, in the order it happened, also after the run
 * itself was removed. In place of a run's id, `kill-switch` and `circuit-breaker` show who turned and closed them.
 */
export function registerShowAudit(audit: AuditLog): void {
  registerRoute({
    name: "showAudit",
    method: "GET",
    route: "runs/{runId}/audit",
    async handle(request) {
      const runId = request.params.runId ?? "";
      // Anything else could not be the key of a row.
      if (!/^[\w:-]{1,100}$/.test(runId)) throw new Problem(404, "There is no such run", "GET /api/runs lists them.");
      return { jsonBody: { runId, records: await audit.ofRun(runId) } };
    },
  });
}
