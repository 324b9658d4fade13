import { z } from "zod";
import { indicatorCalls } from "../../shared/defender/indicators/calls.ts";
import { MOST_INDICATORS_AT_ONCE } from "../../shared/defender/indicators/client.ts";
import { SubmittableIndicator } from "../../shared/defender/indicators/indicator.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";

const LONGEST_REASON = 200;

/**
 * Submits up to 500 indicators at once. The step succeeds even when some of them fail: those are given back.
 *
 * Safe to repeat: the same value, type and action is the same indicator.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/import-ti-indicators - 30 calls a minute
 */
export const importIndicators = defineActivity({
  name: "importIndicators",
  summary: "Submits up to 500 indicators at once.",
  effect: "write",
  calls: [indicatorCalls.import],
  repeat: "sets",
  input: z.object({ indicators: z.array(SubmittableIndicator).min(1).max(MOST_INDICATORS_AT_ONCE) }),
  output: z.object({
    accepted: z.int(),
    failed: z.array(z.object({ indicator: z.string(), reason: z.string() })),
  }),
  pretend: ({ indicators }) => ({ accepted: indicators.length, failed: [] }),
  target: ({ indicators }) => `${indicators.length} indicators from ${indicators[0]?.indicatorValue}`,
  async perform({ indicators }, { defender }) {
    const results = await defender.indicators.import(indicators);
    const failed = results.filter(({ isFailed }) => isFailed);
    return {
      accepted: results.length - failed.length,
      failed: failed.map(({ indicator, failureReason }) => ({
        indicator,
        reason: oneLine(failureReason ?? "no reason given", LONGEST_REASON),
      })),
    };
  },
});
