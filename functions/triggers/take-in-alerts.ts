import type { HttpRequest } from "@azure/functions";
import { UtcTime } from "../../shared/defender/odata/filter.ts";
import { readAlerts } from "../../shared/intake/read-alerts.ts";
import { ALERTS_API, readListedMessage } from "../../shared/intake/read-listed-alerts.ts";
import type { ReadAlerts, TakeInOptions } from "../../shared/intake/take-in.ts";
import { Mode } from "../../shared/mode.ts";
import type { Services } from "../../shared/services.ts";
import { logLine } from "../log-line.ts";
import { createRunControl } from "../run-control.ts";
import { Problem, registerRoute } from "./http.ts";

/**
 * `POST /api/intake?mode=shadow&oldest=2026-01-05T09:00:00Z` takes in a message of the alert stream, `{"records": [...]}`,
 * and answers what came of it. What cannot be used of it is not kept: the caller has it, and is told why. Safe to repeat.
 *
 * With `source=alerts-api` the message is an alert as the alerts API gives it, or a page of them, `{"value": [...]}`.
 * Without `mode` runs do what their rules say; without `oldest` alerts are let be that are older than the app acts on.
 */
export function registerTakeInAlerts({ takeInWith, tenantId }: Pick<Services, "takeInWith" | "tenantId">): void {
  registerRoute({
    name: "takeInAlerts",
    method: "POST",
    route: "intake",
    async handle(request, client, context) {
      const options = optionsOf(request);
      const message = new Uint8Array(await request.arrayBuffer());
      const { counts, alerts, rejected } = isListed(request)
        ? { ...readListedMessage(message, tenantId), counts: {} }
        : readMessage(message);
      const admitted = await takeInWith(createRunControl(client))({ alerts, rejected: [] }, options);
      const seen = { ...counts, alerts: alerts.length, ...admitted };
      const reasons = rejected.flatMap(({ reasons }) => reasons);
      context.info(logLine("alerts taken in on request", { ...seen, rejected: reasons.length, mode: options.mode }));
      return { jsonBody: { ...seen, rejected: reasons } };
    },
  });
}

function readMessage(message: Uint8Array): ReadAlerts & { counts: object } {
  const { counts, ...read } = readAlerts([message], { sources: ["request"] });
  const { alertRecords, passedBy, unknown } = counts;
  return { ...read, counts: { alertRecords, passedBy, unknown } };
}

function isListed({ query }: HttpRequest): boolean {
  const source = query.get("source");
  if (source === null || source === ALERTS_API) return source !== null;
  throw new Problem(400, "source cannot be used", `Give ${ALERTS_API}, or none for a message of the stream.`);
}

function optionsOf({ query }: HttpRequest): TakeInOptions {
  const mode = Mode.optional().safeParse(query.get("mode") ?? undefined);
  if (!mode.success) throw new Problem(400, "mode cannot be used", `Give one of ${Mode.options.join(", ")}, or none.`);
  const oldest = UtcTime.optional().safeParse(query.get("oldest") ?? undefined);
  if (!oldest.success)
    throw new Problem(400, "oldest cannot be used", "Give a time like 2026-01-05T09:00:00Z, or none.");
  return { mode: mode.data, ...(oldest.data && { oldest: new Date(oldest.data) }) };
}
