import { z } from "zod";
import { huntingCalls } from "../../shared/defender/hunting/calls.ts";
import { HuntingColumn } from "../../shared/defender/hunting/result.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { firstRows, firstRowsOf, MOST_ROWS } from "./listing.ts";

const HuntingRow = z.record(z.string(), z.unknown());

/**
 * Runs a hunting query over the last 30 days. Gives back at most 1,000 rows and 40,000 characters of them: let the query
 * itself project and limit. Write values into it with `kql`, which quotes them.
 *
 * @returns columns and rows as Kusto names them. A whole number beyond 2^53 is the text of its digits
 * @throws DefenderRefusedError for a query that Kusto does not take
 * @see https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery - 45 calls a minute, 1,500 an hour in a tenant
 */
export const runHuntingQuery = defineActivity({
  name: "runHuntingQuery",
  summary: "Runs a hunting query over the last 30 days.",
  effect: "read",
  calls: [huntingCalls.graph],
  repeat: "reads",
  input: z.object({
    query: z.string().min(1).max(10_000).describe("In Kusto Query Language"),
    timespan: z.string().optional().describe("ISO 8601, e.g. `P7D`; only where hunting goes to Graph"),
    atMost: z.int().min(1).max(1_000).default(MOST_ROWS).describe("How many rows to give back"),
  }),
  output: firstRowsOf(HuntingRow).extend({ columns: z.array(HuntingColumn) }),
  async perform({ query, timespan, atMost }, { defender }) {
    const { columns, rows } = await defender.hunting.run(query, { timespan });
    return { columns, ...(await firstRows(rows, HuntingRow, atMost)) };
  },
});
