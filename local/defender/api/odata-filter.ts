import { ApiError } from "./error.ts";
import { and, nothingKnown, or, type Part, type Row } from "./odata-part.ts";
import { comparable, type Literal, operators, type PropertyKind, readLiteral } from "./odata-values.ts";

/** The properties of an entity that a filter may name, in the spelling the entity has. */
export type Filterable = Record<string, PropertyKind>;

export interface Filter {
  matches(row: Row): boolean;
  /** The only values of a property with which a row can match, if the filter says so. Saves looking at all rows. */
  possible(property: string): ReadonlySet<string> | undefined;
}

const TOKEN =
  /\s*(?:('(?:[^']|'')*')|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)|-?\d+(?:\.\d+)?(?![\w-]))|([\w/]+)|([(),:]))/y;

/**
 * Understands `eq ne gt ge lt le`, `and or not`, parentheses and `startswith` over simple properties named in any case,
 * and `any` over lists of texts: `machineTags/any(tag: tag eq 'critical')`.
 *
 * @throws ApiError `ODataError` for anything else
 */
export function parseFilter(text: string, filterable: Filterable): Filter {
  const tokens = tokenize(text);
  let scope = filterable;
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
    if (/^\w+\/any$/.test(peek() ?? "")) return any();
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

  /** Inside the parentheses only the name given to the element is known. */
  function any(): Part {
    const property = aName(next().replace(/\/any$/i, ""));
    if (scope[property] !== "texts") throw refuse(text, `'${property}' is not a list`);
    expect("(");
    const element = next();
    expect(":");
    const outside = scope;
    scope = { [element]: "text" };
    const { test } = either();
    scope = outside;
    expect(")");
    const elements = (row: Row) => (Array.isArray(row[property]) ? row[property] : []);
    return { test: (row) => elements(row).some((value) => test({ [element]: value })), possible: nothingKnown };
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
    const property = aName(next());
    return [property, scope[property] as PropertyKind];
  }

  function aName(written: string): string {
    const property = propertyNamed(written, scope);
    if (!property) throw refuse(text, `there is no property '${written}' to filter by`);
    return property;
  }

  function aLiteral(): Literal {
    const written = next();
    const literal = readLiteral(written);
    if (literal) return literal;
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

/** The property of that name, whatever the case it is written in. */
export const propertyNamed = (written: string, known: Filterable): string | undefined =>
  Object.keys(known).find((name) => name.toLowerCase() === written.toLowerCase());

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
