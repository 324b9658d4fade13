/** What ECMAScript has for numbers that no double can hold, and the type library does not know yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, at: { source?: string }) => unknown,
) => unknown;

/** Parses JSON so that writing it again prints whole numbers beyond 2^53 with all their digits. */
export const parseExactly = (text: string): unknown =>
  parse(text, (_key, value, { source = "" }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? rawJSON(source) : value,
  );

/** Writes JSON with big integers in it as bare numbers. */
export const stringifyExactly = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? rawJSON(String(part)) : part));
