import { z } from "zod";
import { PermanentError } from "../../errors.ts";

/**
 * A condition of `$filter` on properties named `Property`. Made only by the functions below, which escape every value.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-odata-samples
 */
export interface Filter<Property extends string> {
  readonly text: string;
  /** Only for the type: which properties it names. */
  readonly on?: Property;
}

/** A time in a filter: ISO 8601 in UTC, up to seven fractional digits, passed on to the last of them. */
export interface Instant {
  readonly instant: string;
}

export type Value = string | number | boolean | Instant;

const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,7})?Z$/;

/** A time as Defender prints and takes it, e.g. `2026-01-05T09:00:00Z`, with up to seven fractional digits. */
export const UtcTime = z
  .string()
  .regex(ISO_UTC, "a time is written like 2026-01-05T09:00:00Z")
  .refine((time) => !Number.isNaN(Date.parse(time)), "there is no such time");

/** @throws PermanentError `InvalidInput` for what is no UTC time, as it would stand in the filter unquoted */
export function instant(time: string): Instant {
  if (!UtcTime.safeParse(time).success) {
    throw new PermanentError("InvalidInput", `"${time}" is not a time like 2026-01-05T09:00:00Z`);
  }
  return { instant: time };
}

const compare =
  (operator: string) =>
  <Property extends string>(property: Property, value: Value): Filter<Property> => ({
    text: `${property} ${operator} ${literal(value)}`,
  });

export const eq = compare("eq");
export const ne = compare("ne");
export const gt = compare("gt");
export const ge = compare("ge");
export const lt = compare("lt");
export const le = compare("le");

export const startsWith = <Property extends string>(property: Property, start: string): Filter<Property> => ({
  text: `startswith(${property},${literal(start)})`,
});

export const and = <Property extends string>(...filters: Filter<Property>[]): Filter<Property> => join("and", filters);
export const or = <Property extends string>(...filters: Filter<Property>[]): Filter<Property> => join("or", filters);

/** Whether a property has one of some values; at least one must be given. */
export const isOneOf = <Property extends string>(property: Property, values: readonly Value[]): Filter<Property> =>
  or(...values.map((value) => eq(property, value)));

/** One condition for each property that is given a value. */
export const eqEach = <Property extends string>(
  wanted: { [Name in Property]?: Value | undefined },
): Filter<Property>[] =>
  Object.entries<Value | undefined>(wanted).flatMap(([name, value]) =>
    value === undefined ? [] : [eq(name as Property, value)],
  );

function join<Property extends string>(operator: string, filters: Filter<Property>[]): Filter<Property> {
  const [only] = filters;
  if (!only) throw new RangeError(`"${operator}" needs at least one condition`);
  if (filters.length === 1) return only;
  return { text: filters.map(({ text }) => (/ (and|or) /.test(text) ? `(${text})` : text)).join(` ${operator} `) };
}

function literal(value: Value): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  return typeof value === "object" ? value.instant : String(value);
}
