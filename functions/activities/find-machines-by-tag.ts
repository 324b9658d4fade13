import { z } from "zod";
import { machineCalls } from "../../shared/defender/machines/calls.ts";
import { defineListing, ListedMachine } from "./listing.ts";

/**
 * Finds the machines with a tag. A tag set a moment ago may not be found by yet.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/find-machines-by-tag - 100 calls a minute, 1,500 an hour
 */
export const findMachinesByTag = defineListing({
  name: "findMachinesByTag",
  summary: "Finds the machines with a tag.",
  calls: [machineCalls.findByTag],
  input: z.object({
    tag: z.string().min(1),
    startsWith: z.boolean().default(false).describe("Whether a tag that only begins so counts too"),
  }),
  row: ListedMachine,
  list: ({ tag, startsWith }, { machines }) => machines.findByTag(tag, { startsWith }),
});
