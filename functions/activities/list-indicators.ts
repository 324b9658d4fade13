import { z } from "zod";
import { indicatorCalls } from "../../shared/defender/indicators/calls.ts";
import type { IndicatorProperty } from "../../shared/defender/indicators/client.ts";
import { Indicator, IndicatorAction, IndicatorType } from "../../shared/defender/indicators/indicator.ts";
import { and, eqEach } from "../../shared/defender/odata/filter.ts";
import { defineListing } from "./listing.ts";

/**
 * Lists the indicators that are active.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-ti-indicators-collection - 100 calls a minute, 1,500 an hour
 */
export const listIndicators = defineListing({
  name: "listIndicators",
  summary: "Lists the indicators that are active.",
  calls: [indicatorCalls.list],
  input: z.object({
    indicatorValue: z.string().optional(),
    indicatorType: IndicatorType.optional(),
    action: IndicatorAction.optional(),
    createdBy: z.string().optional().describe("A user's name, or the id of an app"),
  }),
  row: Indicator.pick({
    id: true,
    indicatorValue: true,
    indicatorType: true,
    action: true,
    title: true,
    createdBy: true,
    creationTimeDateTimeUtc: true,
    expirationTime: true,
    rbacGroupNames: true,
  }).strip(),

  list(wanted, { indicators }, atMost) {
    const filters = eqEach<IndicatorProperty>(wanted);
    return indicators.list({ atMost, ...(filters.length > 0 && { filter: and(...filters) }) });
  },
});
