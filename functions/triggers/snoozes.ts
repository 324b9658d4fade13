import { z } from "zod";
import { Snooze, type SnoozeStore } from "../../shared/snoozes/snooze.ts";
import { logLine } from "../log-line.ts";
import { Problem, readJsonObject, registerRoute } from "./http.ts";

/**
 * Snoozes: what rules do not start for a while, on a machine, of a rule, or for alerts of a title. Each ends by itself.
 * Runs that are under way, and those that people ask for, are not touched.
 *
 * `GET /api/snoozes` lists them. `POST /api/snoozes` sets one, `{"machineId"|"rule"|"title": ..., "until", "reason", "by"}`,
 * in place of one with the same conditions. `DELETE /api/snoozes/{id}` ends one. All are safe to repeat.
 */
export function registerSnoozes(snoozes: SnoozeStore): void {
  registerRoute({
    name: "listSnoozes",
    method: "GET",
    route: "snoozes",
    handle: async () => ({ jsonBody: { snoozes: await snoozes.active() } }),
  });
  registerRoute({
    name: "setSnooze",
    method: "POST",
    route: "snoozes",
    async handle(request, _, context) {
      const { data, error } = Snooze.safeParse(await readJsonObject(request));
      if (!data) throw new Problem(400, "The snooze cannot be used", z.prettifyError(error));
      if (Date.parse(data.until) <= Date.now()) throw new Problem(400, "The snooze is over", "Give a later `until`.");
      const id = await snoozes.set(data);
      context.info(logLine("snooze set", { id, ...data }));
      return { status: 201, headers: { location: `/api/snoozes/${id}` }, jsonBody: { id, ...data } };
    },
  });
  registerRoute({
    name: "endSnooze",
    method: "DELETE",
    route: "snoozes/{id}",
    async handle(request, _, context) {
      const id = request.params.id ?? "";
      if (!/^[0-9a-f]{16}$/.test(id)) throw new Problem(404, "There is no such snooze", "GET /api/snoozes lists them.");
      await snoozes.end(id);
      context.info(logLine("snooze ended", { id }));
      return { status: 204 };
    },
  });
}
