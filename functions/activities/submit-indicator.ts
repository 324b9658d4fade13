import { indicatorCalls } from "../../shared/defender/indicators/calls.ts";
import { Indicator, SubmittableIndicator } from "../../shared/defender/indicators/indicator.ts";
import { defineActivity } from "../../shared/playbook.ts";

const Submitted = Indicator.pick({
  id: true,
  indicatorValue: true,
  indicatorType: true,
  action: true,
  expirationTime: true,
}).strip();

/**
 * Has Defender watch for a value on machines, or block it. It reaches machines after a while, up to some hours.
 *
 * Safe to repeat: the same value, type and action is the same indicator.
 *
 * @throws DefenderRefusedError for a value Defender does not take, and at 15,000 active indicators
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/post-ti-indicator - 100 calls a minute, 1,500 an hour
 */
export const submitIndicator = defineActivity({
  name: "submitIndicator",
  summary: "Has Defender watch for a value on machines, or block it.",
  effect: "write",
  calls: [indicatorCalls.submit],
  repeat: "sets",
  input: SubmittableIndicator,
  output: Submitted,
  pretend: ({ indicatorValue, indicatorType, action }) => ({ id: "0", indicatorValue, indicatorType, action }),
  target: ({ indicatorType, indicatorValue }) => `${indicatorType} ${indicatorValue}`,
  inverse: (_, { id }) => ({ activity: "deleteIndicator", input: { indicatorId: String(id) } }),
  perform: async (indicator, { defender }) => Submitted.parse(await defender.indicators.submit(indicator)),
});
