import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { alertCalls } from "../../shared/defender/alerts/calls.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Comments on an alert, and marks it as being worked on unless somebody has resolved it.
 *
 * Safe to repeat: each comment carries the run id and a key, and one that is there is not written again.
 *
 * @param input.key tells the comments of one run apart, e.g. `queued` and `closing`
 * @throws DefenderRefusedError `ResourceNotFound` when Defender for Endpoint has no such alert
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/update-alert - 100 calls a minute, 1,500 an hour
 */
export const updateAlert = defineActivity({
  name: "updateAlert",
  summary: "Comments on an alert and marks it as being worked on.",
  effect: "write",
  calls: [alertCalls.get, alertCalls.update],
  repeat: "adopts",
  input: z.object({ alertId: AlertId, key: z.string().min(1), comment: z.string().min(1) }),
  output: z.object({ written: z.boolean() }),
  pretend: () => ({ written: true }),
  target: ({ alertId }) => `alert ${alertId}`,

  async perform({ alertId, key, comment }, { defender }, { runId }) {
    const mark = `[${runId} ${key}]`;
    const alert = await defender.alerts.get(alertId);
    if (alert.comments?.some((existing) => existing.comment?.includes(mark))) return { written: false };
    const status = alert.status === "Resolved" ? {} : { status: "InProgress" as const };
    await defender.alerts.update(alertId, { ...status, comment: `${comment} ${mark}` });
    return { written: true };
  },
});
