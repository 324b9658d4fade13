import { z } from "zod";

/** One service writes its keys small, the other large, and a page shows both in one answer. */
const GivenColumn = z.union([
  z.looseObject({ name: z.string(), type: z.string() }),
  z.looseObject({ Name: z.string(), Type: z.string() }),
]);
const GivenRows = z.array(z.record(z.string(), z.unknown()));

/**
 * What a hunting query answers, as it comes.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery
 */
export const HuntingAnswer = z.union([
  z.looseObject({ schema: z.array(GivenColumn), results: GivenRows }),
  z.looseObject({ Schema: z.array(GivenColumn), Results: GivenRows }),
]);
export type HuntingAnswer = z.infer<typeof HuntingAnswer>;

/** A column of a result. Types are Kusto's, e.g. `String`, `DateTime`, `Int64`, `SByte` (a boolean) or `Object`. */
export const HuntingColumn = z.object({ name: z.string(), type: z.string() });
export type HuntingColumn = z.infer<typeof HuntingColumn>;

/**
 * What a hunting query found, whichever service was asked. A whole number that a double cannot hold is the text of its
 * digits; a dynamic column is JSON text.
 */
export interface HuntingResult {
  columns: HuntingColumn[];
  rows: Record<string, unknown>[];
}

export function toHuntingResult(answer: HuntingAnswer): HuntingResult {
  const [columns, rows] = "results" in answer ? [answer.schema, answer.results] : [answer.Schema, answer.Results];
  return {
    columns: (columns as z.infer<typeof GivenColumn>[]).map((column) =>
      "name" in column
        ? { name: column.name as string, type: column.type as string }
        : { name: column.Name as string, type: column.Type as string },
    ),
    rows: rows as Record<string, unknown>[],
  };
}
