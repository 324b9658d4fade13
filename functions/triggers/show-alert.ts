import { AlertId } from "../../shared/defender/alerts/alert.ts";
import type { DecisionLog } from "../../shared/intake/decision-log.ts";
import { Problem, registerRoute } from "./http.ts";

/** `GET /api/alerts/{id}` shows what intake decided about an alert: the runs it led to, or why there is none. */
export function registerShowAlert(decisions: DecisionLog): void {
  registerRoute({
    name: "showAlert",
    method: "GET",
    route: "alerts/{id}",
    async handle(request) {
      const alertId = AlertId.safeParse(request.params.id).data;
      const found = alertId ? await decisions.ofAlert(alertId) : [];
      if (found.length > 0) return { jsonBody: { alertId, decisions: found } };
      throw new Problem(404, "This alert has not come in", "It was not streamed, or its records were dead-lettered.");
    },
  });
}
