import { z } from "zod";
import { AlertId } from "../../shared/defender/alerts/alert.ts";
import { alertCalls } from "../../shared/defender/alerts/calls.ts";
import { Classification, DETERMINATIONS, Determination } from "../../shared/defender/alerts/verdict.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Says what an alert turned out to be, and why; resolves it too, if asked to. The status is set first, so that a
 * determination Defender does not take cannot stop it.
 *
 * Safe to repeat: it sets values.
 *
 * @throws DefenderRefusedError `ResourceNotFound` when Defender for Endpoint has no such alert
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/update-alert - 100 calls a minute, 1,500 an hour
 */
export const setAlertVerdict = defineActivity({
  name: "setAlertVerdict",
  summary: "Says what an alert turned out to be, and why.",
  effect: "write",
  calls: [alertCalls.update],
  repeat: "sets",
  input: z
    .object({
      alertId: AlertId,
      classification: Classification,
      determination: Determination.describe("The reason; which there are depends on the classification"),
      status: z.enum(["InProgress", "Resolved"]).optional().describe("The status to set as well"),
    })
    .refine(({ classification, determination }) => isOneOf(DETERMINATIONS[classification], determination), {
      error: "this determination is not one of that classification",
      path: ["determination"],
    }),
  output: z.object({ classification: z.string().nullish(), determination: z.string().nullish() }),
  pretend: ({ classification, determination }) => ({ classification, determination }),
  target: ({ alertId }) => `alert ${alertId}`,
  async perform({ alertId, ...verdict }, { defender }) {
    const alert = await defender.alerts.update(alertId, verdict);
    return { classification: alert?.classification, determination: alert?.determination };
  },
});

const isOneOf = (known: readonly string[], value: string): boolean => known.includes(value);
