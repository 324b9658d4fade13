import { z } from "zod";
import { domainCalls } from "../../shared/defender/domains/calls.ts";
import { DomainStatistics } from "../../shared/defender/domains/domain.ts";
import { LookBack } from "../../shared/defender/look-back.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads how common a domain is in the organization; one never seen has a prevalence of 0.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-statistics - 100 calls a minute, 1,500 an hour
 */
export const getDomainStatistics = defineActivity({
  name: "getDomainStatistics",
  summary: "Reads how common a domain is in the organization.",
  effect: "read",
  calls: [domainCalls.statistics],
  repeat: "reads",
  input: LookBack.extend({ domain: z.hostname() }),
  output: DomainStatistics.strip(),
  perform: ({ domain, ...lookBack }, { defender }) => defender.domains.statistics(domain, lookBack),
});
