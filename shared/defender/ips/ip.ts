import { z } from "zod";
import { WholeNumber } from "../whole-number.ts";

/** An address that an alert has to do with. */
export const RelatedIp = z.looseObject({ id: z.string() });
export type RelatedIp = z.infer<typeof RelatedIp>;

/**
 * How common an address is in the organization. One never seen has a prevalence of 0.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-statistics
 */
export const IpStatistics = z.looseObject({
  ipAddress: z.string().nullish(),
  organizationPrevalence: WholeNumber.nullish(),
  orgFirstSeen: z.string().nullish(),
  orgLastSeen: z.string().nullish(),
});
export type IpStatistics = z.infer<typeof IpStatistics>;
