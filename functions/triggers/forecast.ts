import { z } from "zod";
import { limitOf } from "../../shared/defender/limits.ts";
import type { Activity } from "../../shared/playbook.ts";
import { createQuotaState, forecast } from "../../shared/quota/governor.ts";
import { groupsOf } from "../../shared/quota/groups-of.ts";
import { scaleLimit } from "../../shared/quota/limit.ts";
import { priorityOf } from "../../shared/quota/priority-of.ts";
import { readQuota } from "../durable/call-quota.ts";
import { Problem, registerRoute } from "./http.ts";

const Count = z.coerce.number().int().min(1).max(2_000).default(1);

/**
 * `GET /api/limits/{activity}?count=300` says when so many of an activity could be done under Defender's limits, were they
 * asked for now: the first, the last, and what each limit says. Nothing is reserved.
 */
export function registerForecast(
  activities: readonly Activity[],
  { tenantId, limitScale }: { tenantId: string; limitScale: number },
): void {
  registerRoute({
    name: "forecast",
    method: "GET",
    route: "limits/{activity}",
    async handle(request, client) {
      const activity = activities.find(({ name }) => name === request.params.activity);
      if (!activity) throw new Problem(404, "There is no such activity", "docs/actions.md lists them.");
      const { data: count, error } = Count.safeParse(request.query.get("count") ?? undefined);
      if (error) throw new Problem(400, "count cannot be used", "Give a whole number from 1 to 2000.");

      const ask = { now: Date.now(), priority: priorityOf(activity.effect), count };
      const limits = await Promise.all(
        groupsOf(activity)
          .filter(({ count }) => count > 0)
          .map(async ({ group }) => {
            const limit = scaleLimit(limitOf(group), limitScale);
            const state = (await readQuota(client, tenantId, group)) ?? createQuotaState();
            return { group, ...limit, ...forecast(state, limit, ask) };
          }),
      );
      const iso = (ms: number) => new Date(ms).toISOString();
      return {
        jsonBody: {
          activity: activity.name,
          count,
          firstAt: iso(Math.max(ask.now, ...limits.map(({ first }) => first))),
          lastAt: iso(Math.max(ask.now, ...limits.map(({ last }) => last))),
          limits: limits.map(({ first, last, ...limit }) => ({ ...limit, firstAt: iso(first), lastAt: iso(last) })),
        },
      };
    },
  });
}
