import { z } from "zod";
import { domainCalls } from "../../shared/defender/domains/calls.ts";
import { defineListing, ListedMachine } from "./listing.ts";

/**
 * Lists the machines that talked to a domain; none when it was never seen.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-domain-related-machines - 100 calls a minute, 1,500 an hour
 */
export const listDomainMachines = defineListing({
  name: "listDomainMachines",
  summary: "Lists the machines that talked to a domain.",
  calls: [domainCalls.machines],
  input: z.object({ domain: z.hostname() }),
  row: ListedMachine,
  list: ({ domain }, { domains }) => domains.machines(domain),
});
