import { ApiError } from "./error.ts";

/**
 * What a property holds, and so how it is written in a filter: text and enums quoted, times and numbers bare.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-odata-samples
 */
export type PropertyKind = "text" | "time" | "number";

/** The properties of an entity that a filter may name, in the spelling the entity has. */
export type Filterable = Record<string, PropertyKind>;

type Row = Record<string, unknown>;

export interface Filter {
  matches(row: Row): boolean;
  /** The value a property must have for any row to match, if the filter says so plainly. Saves looking at all rows. */
  required(property: string): string | undefined;
}

type Literal = { kind: PropertyKind | "null"; value: string | number | null };
type Test = (row: Row) => boolean;

const TOKEN =
  /\s*(?:('(?:[^']|'')*')|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|-?\d+(?:\.\d+)?(?![\w-]))|([\w/]+)|([(),]))/y;

/**
 * Understands `eq ne gt ge lt le`, `and or not`, parentheses and `startswith`, over simple properties named in any case.
 *
 * @throws ApiError `ODataError` for anything else
 */
export function parseFilter(text: string, filterable: Filterable): Filter {
  const tokens = tokenize(text);
  const required = new Map<string, string>();
  let at = 0;

  const test = either(true);
  if (at < tokens.length) throw refuse(text, `it should end before '${tokens[at]}'`);
  return { matches: test, required: (property) => required.get(property) };

  /** `plain` says that nothing but `and` stands between here and the top, as far as has been read. */
  function either(plain: boolean): Test {
    const start = at;
    let left = both(plain);
    if (plain && peek() === "or") {
      // What was taken for required is only one of several ways to match.
      required.clear();
      at = start;
      return either(false);
    }
    while (take("or")) {
      const [one, other] = [left, both(false)];
      left = (row) => one(row) || other(row);
    }
    return left;
  }

  function both(plain: boolean): Test {
    let left = single(plain);
    while (take("and")) {
      const [one, other] = [left, single(plain)];
      left = (row) => one(row) && other(row);
    }
    return left;
  }

  function single(plain: boolean): Test {
    if (take("not")) {
      const inner = single(false);
      return (row) => !inner(row);
    }
    if (take("(")) {
      const inner = either(false);
      expect(")");
      return inner;
    }
    if (take("startswith")) return startsWith();
    return comparison(plain);
  }

  function startsWith(): Test {
    expect("(");
    const [property] = aProperty();
    expect(",");
    const prefix = aLiteral();
    expect(")");
    if (prefix.kind !== "text") throw refuse(text, "startswith compares with a quoted text");
    return (row) => typeof row[property] === "string" && row[property].startsWith(String(prefix.value));
  }

  function comparison(plain: boolean): Test {
    const [property, kind] = aProperty();
    const operator = next();
    const literal = aLiteral();
    const holds = operators[operator.toLowerCase()];
    if (!holds) throw refuse(text, `'${operator}' is not a comparison`);
    if (literal.kind !== "null" && literal.kind !== kind) {
      throw refuse(text, `'${property}' holds a ${kind} and is compared with a ${literal.kind}`);
    }
    if (plain && operator.toLowerCase() === "eq" && literal.kind === "text") {
      required.set(property, String(literal.value));
    }
    return (row) => holds(comparable(row[property], kind), literal.value);
  }

  function aProperty(): [string, PropertyKind] {
    const written = next();
    const property = Object.keys(filterable).find((name) => name.toLowerCase() === written.toLowerCase());
    if (!property) throw refuse(text, `there is no property '${written}' to filter by`);
    return [property, filterable[property] as PropertyKind];
  }

  function aLiteral(): Literal {
    const written = next();
    if (written === "null") return { kind: "null", value: null };
    if (written.startsWith("'")) return { kind: "text", value: written.slice(1, -1).replaceAll("''", "'") };
    if (/^\d{4}-/.test(written)) return { kind: "time", value: comparable(written, "time") };
    if (/^-?\d/.test(written)) return { kind: "number", value: Number(written) };
    throw refuse(text, `'${written}' is not a value; texts stand in single quotes`);
  }

  function next(): string {
    const token = tokens[at++];
    if (token === undefined) throw refuse(text, "it ends too early");
    return token;
  }

  function peek(): string | undefined {
    return tokens[at]?.toLowerCase();
  }

  function take(word: string): boolean {
    if (peek() !== word) return false;
    at += 1;
    return true;
  }

  function expect(word: string): void {
    if (!take(word)) throw refuse(text, `'${word}' is missing`);
  }
}

const operators: Record<string, (left: string | number | null, right: string | number | null) => boolean> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  gt: (left, right) => left !== null && right !== null && left > right,
  ge: (left, right) => left !== null && right !== null && left >= right,
  lt: (left, right) => left !== null && right !== null && left < right,
  le: (left, right) => left !== null && right !== null && left <= right,
};

/** Times become texts that sort like the times, to the last of their seven digits. */
function comparable(value: unknown, kind: PropertyKind): string | number | null {
  if (value === null || value === undefined) return null;
  if (kind === "number") return Number(value);
  if (kind === "text") return String(value);
  const time = new Date(String(value));
  if (Number.isNaN(time.getTime())) return null;
  const [, fraction = ""] = /\.(\d+)/.exec(String(value)) ?? [];
  return `${time.toISOString().slice(0, 19)}.${fraction.padEnd(7, "0").slice(0, 7)}`;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    tokens.push(match[0].trimStart());
    end = TOKEN.lastIndex;
  }
  if (text.slice(end).trim()) throw refuse(text, `it cannot be read from '${text.slice(end).trim()}' on`);
  return tokens;
}

const refuse = (filter: string, reason: string): ApiError =>
  new ApiError(400, "ODataError", `The filter "${filter}" is not valid: ${reason}.`);
