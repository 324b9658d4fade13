import { listEvidence, showEvidence } from "../../shared/evidence/list-evidence.ts";
import type { Locker } from "../../shared/evidence/locker.ts";
import { Problem, registerRoute } from "./http.ts";

/**
 * What was collected from devices, and what has happened to it since. Nothing of the content is handed out.
 *
 * `GET /api/evidence` lists it, the newest first, with `machineId` in the query only that of one machine.
 * `GET /api/evidence/{machineId}/{piece}` shows a piece by its name, with its chain of custody.
 */
export function registerShowEvidence(locker: Locker): void {
  registerRoute({
    name: "listEvidence",
    method: "GET",
    route: "evidence",
    handle: async ({ query }) => ({ jsonBody: { evidence: await listEvidence(locker, query.get("machineId") ?? "") } }),
  });
  registerRoute({
    name: "showEvidence",
    method: "GET",
    route: "evidence/{machineId}/{piece}",
    async handle({ params: { machineId, piece } }) {
      const found = await showEvidence(locker, `${machineId}/${piece}`);
      if (found) return { jsonBody: found };
      throw new Problem(404, "There is no such evidence", "GET /api/evidence lists what there is.");
    },
  });
}
