import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { instant, UtcTime } from "../../shared/defender/odata/filter.ts";
import { defineListing, ListedMachine } from "./listing.ts";

/**
 * Finds the machines that had an internal address within 15 minutes of a time.
 *
 * @throws DefenderRefusedError for a time longer ago than 30 days
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/find-machines-by-ip - 100 calls a minute, 1,500 an hour
 */
export const findMachinesByIp = defineListing({
  name: "findMachinesByIp",
  summary: "Finds the machines that had an internal address within 15 minutes of a time.",
  calls: [machineCalls.findByIp],
  input: z.object({ ip: z.union([z.ipv4(), z.ipv6()]), at: UtcTime.describe("Not longer ago than 30 days") }),
  row: ListedMachine,
  list: ({ ip, at }, { machines }) => machines.findByIp(ip, { at: instant(at) }),
});
