import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { alertCalls } from "../../shared/defender/alerts/calls.ts";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import { defineActivity } from "../../shared/playbook.ts";

/** Microsoft does not say how many Defender takes at once. */
export const MOST_ALERTS = 100;

/**
 * Puts the same comment on many alerts.
 *
 * Safe to repeat: where the last of them carries the comment of this run and key, they all do, as Defender changes them
 * together; it is not written again.
 *
 * @param input.key tells the comments of one run apart
 * @throws DefenderRefusedError `ResourceNotFound` when Defender for Endpoint does not have one of them
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/batch-update-alerts - 10 calls a minute, 500 an hour
 */
export const commentOnAlerts = defineActivity({
  name: "commentOnAlerts",
  summary: "Puts the same comment on many alerts.",
  effect: "write",
  calls: [alertCalls.get, alertCalls.batchUpdate],
  repeat: "adopts",
  input: z.object({
    alertIds: z.array(AlertId).min(1).max(MOST_ALERTS),
    key: z.string().min(1),
    comment: z.string().min(1),
  }),
  output: z.object({ written: z.boolean() }),
  pretend: () => ({ written: true }),
  target: ({ alertIds }) => `${alertIds.length} alerts from ${alertIds[0]}`,

  async perform({ alertIds, key, comment }, { defender: { alerts } }, { runId }) {
    const mark = `[${runId} ${key}]`;
    const last = await nullIfNotFound(alerts.get(alertIds.at(-1) as AlertId));
    if (last?.comments?.some((existing) => existing.comment?.includes(mark))) return { written: false };
    await alerts.batchUpdate(alertIds, { comment: `${comment} ${mark}` });
    return { written: true };
  },
});
