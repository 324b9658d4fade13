import { z } from "zod";
import { domainCalls } from "../../shared/defender/domains/calls.ts";
import { defineListing, ListedAlert } from "./listing.ts";

/**
 * Lists the alerts a domain has to do with; none when it was never seen.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-related-alerts - 100 calls a minute, 1,500 an hour
 */
export const listDomainAlerts = defineListing({
  name: "listDomainAlerts",
  summary: "Lists the alerts a domain has to do with.",
  calls: [domainCalls.alerts],
  input: z.object({ domain: z.hostname() }),
  row: ListedAlert,
  list: ({ domain }, { domains }) => domains.alerts(domain),
});
