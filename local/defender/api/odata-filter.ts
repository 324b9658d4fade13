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
  /** The only values of a property with which a row can match, if the filter says so. Saves looking at all rows. */
  possible(property: string): ReadonlySet<string> | undefined;
}

type Literal = { kind: PropertyKind | "null"; value: string | number | null };

/** A part of a filter: its test, and per property the values it leaves possible. A property it leaves open is missing. */
interface Part {
  test: (row: Row) => boolean;
  possible: ReadonlyMap<string, ReadonlySet<string>>;
}

const nothingKnown: Part["possible"] = new Map();

const TOKEN =
  /\s*(?:('(?:[^']|'')*')|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|-?\d+(?:\.\d+)?(?![\w-]))|([\w/]+)|([(),]))/y;

/**
 * Understands `eq ne gt ge lt le`, `and or not`, parentheses and `startswith`, over simple properties named in any case.
 *
 * @throws ApiError `ODataError` for anything else
 */
export function parseFilter(text: string, filterable: Filterable): Filter {
  const tokens = tokenize(text);
  let at = 0;

  const { test, possible } = either();
  if (at < tokens.length) throw refuse(text, `it should end before '${tokens[at]}'`);
  return { matches: test, possible: (property) => possible.get(property) };

  function either(): Part {
    let left = both();
    while (take("or")) left = or(left, both());
    return left;
  }

  function both(): Part {
    let left = single();
    while (take("and")) left = and(left, single());
    return left;
  }

  function single(): Part {
    if (take("not")) {
      const { test } = single();
      return { test: (row) => !test(row), possible: nothingKnown };
    }
    if (take("(")) {
      const inner = either();
      expect(")");
      return inner;
    }
    if (take("startswith")) return startsWith();
    return comparison();
  }

  function startsWith(): Part {
    expect("(");
    const [property] = aProperty();
    expect(",");
    const prefix = aLiteral();
    expect(")");
    if (prefix.kind !== "text") throw refuse(text, "startswith compares with a quoted text");
    const start = String(prefix.value);
    return { test: (row) => String(row[property] ?? "").startsWith(start), possible: nothingKnown };
  }

  function comparison(): Part {
    const [property, kind] = aProperty();
    const operator = next().toLowerCase();
    const { kind: given, value } = aLiteral();
    const holds = Object.hasOwn(operators, operator) && operators[operator];
    if (!holds) throw refuse(text, `'${operator}' is not a comparison`);
    if (given !== "null" && given !== kind) {
      throw refuse(text, `'${property}' holds a ${kind} and is compared with a ${given}`);
    }
    const isPlain = operator === "eq" && given === "text";
    return {
      test: (row) => holds(comparable(row[property], kind), value),
      possible: isPlain ? new Map([[property, new Set([String(value)])]]) : nothingKnown,
    };
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

function and(one: Part, other: Part): Part {
  // Where both know a property, either set will do: it only has to hold every value that can match.
  return {
    test: (row) => one.test(row) && other.test(row),
    possible: new Map([...one.possible, ...other.possible]),
  };
}

function or(one: Part, other: Part): Part {
  const possible = new Map<string, ReadonlySet<string>>();
  for (const [property, values] of one.possible) {
    const others = other.possible.get(property);
    if (others) possible.set(property, new Set([...values, ...others]));
  }
  return { test: (row) => one.test(row) || other.test(row), possible };
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
