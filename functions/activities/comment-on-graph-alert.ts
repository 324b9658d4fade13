import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { graphAlertCalls } from "../../shared/defender/graph-alerts/calls.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Comments on an alert of any of Microsoft's security products, and changes nothing else of it.
 *
 * Safe to repeat: each comment carries the run id and a key, and one that is there is not written again.
 *
 * @param input.key tells the comments of one run apart, e.g. `closing`
 * @throws DefenderRefusedError when Graph has no such alert
 * @see https://learn.microsoft.com/en-us/graph/api/security-alert-post-comments - 150 calls a minute
 */
export const commentOnGraphAlert = defineActivity({
  name: "commentOnGraphAlert",
  summary: "Comments on an alert of any security product.",
  effect: "write",
  calls: [graphAlertCalls.get, graphAlertCalls.comment],
  repeat: "adopts",
  input: z.object({ alertId: AlertId, key: z.string().min(1), comment: z.string().min(1) }),
  output: z.object({ written: z.boolean() }),
  pretend: () => ({ written: true }),
  target: ({ alertId }) => `alert ${alertId}`,

  async perform({ alertId, key, comment }, { defender: { graphAlerts } }, { runId }) {
    const mark = `[${runId} ${key}]`;
    const { comments } = await graphAlerts.get(alertId);
    if (comments?.some((existing) => existing.comment?.includes(mark))) return { written: false };
    await graphAlerts.comment(alertId, `${comment} ${mark}`);
    return { written: true };
  },
});
