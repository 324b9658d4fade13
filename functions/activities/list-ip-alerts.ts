import { z } from "zod";
import { ipCalls } from "../../shared/defender/ips/calls.ts";
import { defineListing, ListedAlert } from "./listing.ts";

/**
 * Lists the alerts an address has to do with; none when it was never seen.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-related-alerts - 100 calls a minute, 1,500 an hour
 */
export const listIpAlerts = defineListing({
  name: "listIpAlerts",
  summary: "Lists the alerts an address has to do with.",
  calls: [ipCalls.alerts],
  input: z.object({ ip: z.union([z.ipv4(), z.ipv6()]) }),
  row: ListedAlert,
  list: ({ ip }, { ips }) => ips.alerts(ip),
});
