import { z } from "zod";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import { indicatorCalls } from "../../shared/defender/indicators/calls.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Deletes an indicator. Safe to repeat: one that is gone stays so.
 *
 * @returns whether there was one to delete
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/delete-ti-indicator-by-id - 100 calls a minute, 1,500 an hour
 */
export const deleteIndicator = defineActivity({
  name: "deleteIndicator",
  summary: "Deletes an indicator.",
  effect: "write",
  calls: [indicatorCalls.delete],
  repeat: "sets",
  input: z.object({ indicatorId: z.string().regex(/^\d{1,20}$/, "an indicator id is a number") }),
  output: z.object({ deleted: z.boolean() }),
  pretend: () => ({ deleted: true }),
  target: ({ indicatorId }) => `indicator ${indicatorId}`,
  async perform({ indicatorId }, { defender }) {
    const answer = await nullIfNotFound(defender.indicators.delete(indicatorId).then(() => true));
    return { deleted: answer ?? false };
  },
});
