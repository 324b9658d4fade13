import { z } from "zod";
import { ipCalls } from "../../shared/defender/ips/calls.ts";
import { IpStatistics } from "../../shared/defender/ips/ip.ts";
import { LookBack } from "../../shared/defender/look-back.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads how common an address is in the organization; one never seen has a prevalence of 0.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-ip-statistics - 100 calls a minute, 1,500 an hour
 */
export const getIpStatistics = defineActivity({
  name: "getIpStatistics",
  summary: "Reads how common an address is in the organization.",
  effect: "read",
  calls: [ipCalls.statistics],
  repeat: "reads",
  input: LookBack.extend({ ip: z.union([z.ipv4(), z.ipv6()]) }),
  output: IpStatistics.strip(),
  perform: ({ ip, ...lookBack }, { defender }) => defender.ips.statistics(ip, lookBack),
});
