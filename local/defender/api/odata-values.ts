/**
 * What a property holds, and so how it is written in a filter: text and enums quoted, times, numbers and booleans bare.
 * A list of texts is asked for with `any`.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-odata-samples
 */
export type PropertyKind = "text" | "time" | "number" | "boolean" | "texts";

export type Comparable = string | number | boolean | null;

/** A value written in a filter. */
export interface Literal {
  kind: PropertyKind | "null";
  value: Comparable;
}

/** Reads a value as it stands in a filter; `undefined` if it is none. */
export function readLiteral(written: string): Literal | undefined {
  if (written === "null") return { kind: "null", value: null };
  if (written === "true" || written === "false") return { kind: "boolean", value: written === "true" };
  if (written.startsWith("'")) return { kind: "text", value: written.slice(1, -1).replaceAll("''", "'") };
  if (/^\d{4}-/.test(written)) return { kind: "time", value: comparable(written, "time") };
  if (/^-?\d/.test(written)) return { kind: "number", value: Number(written) };
  return undefined;
}

const inOrder =
  (holds: (left: Exclude<Comparable, null>, right: Exclude<Comparable, null>) => boolean) =>
  (left: Comparable, right: Comparable): boolean =>
    left !== null && right !== null && holds(left, right);

export const operators: Record<string, (left: Comparable, right: Comparable) => boolean> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  gt: inOrder((left, right) => left > right),
  ge: inOrder((left, right) => left >= right),
  lt: inOrder((left, right) => left < right),
  le: inOrder((left, right) => left <= right),
};

/** Times become texts that sort like the times, to the last of their seven digits. */
export function comparable(value: unknown, kind: PropertyKind): Comparable {
  if (value === null || value === undefined) return null;
  if (kind === "number") return Number(value);
  if (kind === "boolean") return value === true;
  if (kind === "text" || kind === "texts") return String(value);
  const time = new Date(String(value));
  if (Number.isNaN(time.getTime())) return null;
  const [, fraction = ""] = /\.(\d+)/.exec(String(value)) ?? [];
  return `${time.toISOString().slice(0, 19)}.${fraction.padEnd(7, "0").slice(0, 7)}`;
}
