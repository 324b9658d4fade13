import { hashObjection } from "./hash-names.ts";
import { PatternError, type Token, type TokenKind, tokensOf } from "./tokens.ts";

/** A comparison such as `file:hashes.'SHA-256' = '…'`. */
export interface Comparison {
  kind: "comparison";
  object: string;
  /** Steps of the path behind the colon; an index is written `[0]` or `[*]`. */
  path: readonly string[];
  operator: string;
  negated: boolean;
  /** What it is compared with, as text; none behind `EXISTS`. */
  values: readonly string[];
}
export type Comparisons = Comparison | { kind: "and" | "or"; parts: readonly Comparisons[] };

/** What narrows when or how often something is seen. */
export interface Qualifiers {
  withinSeconds?: number;
  repeats?: number;
  start?: string;
  stop?: string;
}
export type Observations =
  | ({ kind: "observation"; comparisons: Comparisons } & Qualifiers)
  | ({ kind: "and" | "or" | "followedBy"; parts: readonly Observations[] } & Qualifiers);

/** Patterns nest no deeper in earnest; deeper ones would only exhaust the stack. */
const DEEPEST = 100;

/**
 * Reads a STIX pattern by the grammar of the version given.
 *
 * @throws PatternError saying what breaks the grammar, and where
 * @see https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_e8slinrhxcc9
 */
export function parsePattern(pattern: string, specVersion: "2.0" | "2.1" = "2.1"): Observations {
  const tokens = tokensOf(pattern);
  let at = 0;
  let depth = 0;

  const peek = (): Token => tokens[at] as Token;
  const fail = (expected: string): never => {
    const { kind, text, position } = peek();
    throw new PatternError(
      `${kind === "end" ? "the end" : JSON.stringify(text)} where ${expected} is expected`,
      position,
    );
  };
  const isNext = (kind: TokenKind, text: string) => peek().kind === kind && peek().text === text;
  const skipIf = (kind: TokenKind, text: string): boolean => {
    const found = isNext(kind, text);
    if (found) at += 1;
    return found;
  };
  const expect = (kind: TokenKind, text: string): void => {
    if (!skipIf(kind, text)) fail(JSON.stringify(text));
  };
  const take = (what: string, ...kinds: TokenKind[]): string => {
    const { kind, text } = peek();
    if (!kinds.includes(kind)) fail(what);
    at += 1;
    return text;
  };
  const nested = <T>(read: () => T): T => {
    depth += 1;
    if (depth > DEEPEST) fail("less nesting");
    const inner = read();
    depth -= 1;
    return inner;
  };
  const chain = <T, Kind extends string>(word: string, kind: Kind, read: () => T) => {
    const first = read();
    const parts = [first];
    while (skipIf("word", word)) parts.push(read());
    return parts.length === 1 ? first : { kind, parts };
  };

  const observations = (): Observations =>
    chain("FOLLOWEDBY", "followedBy", () => chain("OR", "or", () => chain("AND", "and", observation))) as Observations;

  function observation(): Observations {
    const isGroup = skipIf("sign", "(");
    if (!isGroup) expect("sign", "[");
    const inner = nested(
      (): Observations => (isGroup ? observations() : { kind: "observation", comparisons: comparisons() }),
    );
    expect("sign", isGroup ? ")" : "]");
    return { ...inner, ...qualifiers(!isGroup) };
  }

  /** The official validator looks for a qualifier given twice behind brackets, not behind parentheses. */
  function qualifiers(onceEach: boolean): Qualifiers {
    const found: Qualifiers = {};
    const note = (more: Qualifiers): void => {
      const twice = Object.keys(more).some((name) => name in found);
      if (twice && onceEach && specVersion === "2.1") fail("each qualifier once");
      Object.assign(found, more);
    };
    for (;;) {
      if (skipIf("word", "WITHIN")) {
        const withinSeconds = positive("a number of seconds", "integer", "float");
        expect("word", "SECONDS");
        note({ withinSeconds });
      } else if (skipIf("word", "REPEATS")) {
        const repeats = positive("a number of times", "integer");
        expect("word", "TIMES");
        note({ repeats });
      } else if (skipIf("word", "START")) {
        const start = take("a time", "time");
        expect("word", "STOP");
        note({ start, stop: take("a time", "time") });
      } else return found;
    }
  }

  function positive(what: string, ...kinds: TokenKind[]): number {
    if (peek().text.startsWith("-")) fail(what);
    return Number(take(what, ...kinds));
  }

  const comparisons = (): Comparisons => chain("OR", "or", () => chain("AND", "and", test)) as Comparisons;

  function test(): Comparisons {
    if (skipIf("sign", "(")) {
      const inner = nested(comparisons);
      expect("sign", ")");
      return inner;
    }
    if (specVersion === "2.1" && skipIf("word", "EXISTS")) {
      return { kind: "comparison", ...objectPath(), operator: "EXISTS", negated: false, values: [] };
    }
    const path = objectPath();
    const negated = skipIf("word", "NOT");
    const position = peek().position;
    const operator = take("an operator", "sign", "word");
    const values = valuesFor(operator);
    const objection = negated ? undefined : hashObjection(path.path, operator, values);
    if (objection) throw new PatternError(objection, position);
    return { kind: "comparison", ...path, operator, negated, values };
  }

  function objectPath(): { object: string; path: string[] } {
    const object = take("an object type", "word");
    expect("sign", ":");
    const path = [step("word", "string")];
    for (;;) {
      if (skipIf("sign", ".")) path.push(step("word", "string"));
      else if (skipIf("sign", "[")) {
        path.push(`[${skipIf("sign", "*") ? "*" : take("an index", "integer")}]`);
        expect("sign", "]");
      } else return { object, path };
    }
  }

  function step(...kinds: TokenKind[]): string {
    // Only object types may have hyphens without quotes.
    if (peek().kind === "word" && peek().text.includes("-")) fail("a property");
    return take("a property", ...kinds);
  }

  function valuesFor(operator: string): string[] {
    switch (operator) {
      case "=":
      case "==":
      case "!=":
      case "<>":
        return [primitive()];
      case "<":
      case ">":
      case "<=":
      case ">=":
        return [take("a value", ...ORDERABLE)];
      case "LIKE":
      case "MATCHES":
      case "ISSUBSET":
      case "ISSUPERSET":
        return [take("a text in quotes", "string")];
      case "IN":
        return set();
      default:
        at -= 1;
        return fail("an operator");
    }
  }

  function set(): string[] {
    expect("sign", "(");
    if (skipIf("sign", ")")) return [];
    const values = [primitive()];
    while (skipIf("sign", ",")) values.push(primitive());
    expect("sign", ")");
    return values;
  }

  function primitive(): string {
    if (isNext("word", "true") || isNext("word", "false")) return take("a value", "word");
    return take("a value", ...ORDERABLE);
  }

  const whole = observations();
  if (peek().kind !== "end") fail("the end");
  return whole;
}

const ORDERABLE: readonly TokenKind[] = ["string", "integer", "float", "time", "hex", "binary"];
