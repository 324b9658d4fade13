import { z } from "zod";

/** One service writes these keys small, the other large, and a page shows both in one answer. */
const GivenColumns = z.array(
  z.looseObject({
    name: z.string().optional(),
    Name: z.string().optional(),
    type: z.string().optional(),
    Type: z.string().optional(),
  }),
);
const GivenRows = z.array(z.record(z.string(), z.unknown()));

/**
 * What a hunting query answers, as it comes.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery
 */
export const HuntingAnswer = z
  .looseObject({
    schema: GivenColumns.optional(),
    Schema: GivenColumns.optional(),
    results: GivenRows.optional(),
    Results: GivenRows.optional(),
  })
  .refine(({ results, Results }) => results ?? Results, "there are no results in it");
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

export const toHuntingResult = ({ schema, Schema, results, Results }: HuntingAnswer): HuntingResult => ({
  columns: (schema ?? Schema ?? []).map(({ name, Name, type, Type }) => ({
    name: name ?? Name ?? "",
    type: type ?? Type ?? "",
  })),
  rows: results ?? Results ?? [],
});
