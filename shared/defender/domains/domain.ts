import { z } from "zod";
import { WholeNumber } from "../whole-number.ts";

/** A domain that an alert has to do with. */
export const RelatedDomain = z.looseObject({ host: z.string() });
export type RelatedDomain = z.infer<typeof RelatedDomain>;

/**
 * How common a domain is in the organization. One never seen has a prevalence of 0.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-statistics
 */
export const DomainStatistics = z.looseObject({
  host: z.string().nullish(),
  organizationPrevalence: WholeNumber.nullish(),
  orgFirstSeen: z.string().nullish(),
  orgLastSeen: z.string().nullish(),
});
export type DomainStatistics = z.infer<typeof DomainStatistics>;
