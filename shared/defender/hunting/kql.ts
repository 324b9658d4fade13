import { PermanentError } from "../../errors.ts";
import type { Instant } from "../odata/filter.ts";

/** What may stand in a query: a list becomes the values between the brackets of `in (…)`. */
export type KqlValue = string | number | bigint | boolean | Instant | readonly (string | number | bigint)[];

/**
 * A text as it stands in a query, quotes included. Queries take no parameters, so every value from outside goes through
 * here: whatever is in it, it stays one text.
 *
 * @see https://learn.microsoft.com/en-us/kusto/query/scalar-data-types/string
 */
export function kqlText(value: string): string {
  // JSON escapes as KQL does, and leaves only these: they would end the line, and with it the text.
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, escaped);
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * Writes a query with values in it:
 *
 *     kql`DeviceProcessEvents | where DeviceId == ${machineId} and SHA1 in (${hashes})`
 *
 * Do not put quotes around a value: it brings its own.
 *
 * @throws PermanentError `InvalidInput` for an empty list, and for a number that cannot be written
 */
export const kql = (parts: TemplateStringsArray, ...values: readonly KqlValue[]): string =>
  String.raw({ raw: parts }, ...values.map(written));

function written(value: KqlValue): string {
  if (typeof value === "string") return kqlText(value);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new PermanentError("InvalidInput", `${value} is no number for a query`);
  if (typeof value !== "object") return String(value);
  if ("instant" in value) return `datetime(${value.instant})`;
  if (value.length === 0) throw new PermanentError("InvalidInput", "A query cannot look for one of no values");
  return value.map(written).join(", ");
}
