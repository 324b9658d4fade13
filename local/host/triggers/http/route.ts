import { constraint } from "./route-constraint.ts";

/** One way to answer a path. */
export interface Route {
  /** The values of the template's parameters for a path, or undefined when it does not fit. */
  match(path: string): Record<string, string> | undefined;
  /** Sorts before others when it is more exact, segment by segment. */
  precedence: readonly number[];
}

interface Parameter {
  name: string;
  isCatchAll: boolean;
  isOptional: boolean;
  defaultValue: string | undefined;
  accepts(value: string): boolean;
  isConstrained: boolean;
}

type Part = string | Parameter;

/** How exact a segment is, the lower the better: `fixed`, `file-{id}`, `{id:int}`, `{id}`, `{*rest:x}`, `{*rest}`. */
const rank = { literal: 1, mixed: 2, constrained: 3, parameter: 4, constrainedRest: 5, rest: 6 };

/**
 * Reads a route template of ASP.NET, the kind a Functions HTTP trigger has. Paths match without regard to case.
 *
 * @param template such as `machines/{id}/actions/{actionId:int?}` or `files/{*path}`
 * @throws Error when the template cannot be read
 * @see https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates
 */
export function parseRoute(template: string): Route {
  const segments = splitSegments(template).map(parseSegment);
  return {
    precedence: segments.map(rankOf),
    match(path) {
      const inner = path.replace(/^\//, "").replace(/\/$/, "");
      return matchSegments(segments, inner === "" ? [] : inner.split("/"));
    },
  };
}

/** The order in which routes are tried: the more exact first, and literal before parameter at the first difference. */
export function byPrecedence(a: Pick<Route, "precedence">, b: Pick<Route, "precedence">): number {
  for (let index = 0; index < Math.max(a.precedence.length, b.precedence.length); index++) {
    const difference = (a.precedence[index] ?? 0) - (b.precedence[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function matchSegments(segments: Part[][], values: string[]): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const [only] = segment;
    const rest = typeof only === "object" && only.isCatchAll;
    const value = rest ? values.slice(index).map(decode).join("/") : decode(values[index]);
    if (value === undefined || (rest && value === "")) {
      if (typeof only === "string" || only === undefined || segment.length > 1) return undefined;
      if (only.defaultValue !== undefined) found[only.name] = only.defaultValue;
      else if (!only.isOptional && !only.isCatchAll) return undefined;
    } else if (!matchSegment(segment, value, found)) {
      return undefined;
    }
    if (rest) return found;
  }
  return values.length > segments.length ? undefined : found;
}

function matchSegment(parts: Part[], value: string, found: Record<string, string>): boolean {
  const pattern = parts.map((part) => (typeof part === "string" ? escapeForPattern(part) : "(.+?)")).join("");
  const match = value.match(new RegExp(`^${pattern}$`, "is"));
  if (!match) return false;
  const parameters = parts.filter((part) => typeof part === "object");
  for (const [index, parameter] of parameters.entries()) {
    const text = match[index + 1] ?? "";
    if (!parameter.accepts(text)) return false;
    found[parameter.name] = text;
  }
  return true;
}

function rankOf(parts: Part[]): number {
  const [only] = parts;
  if (parts.length > 1) return rank.mixed;
  if (only === undefined || typeof only === "string") return rank.literal;
  if (only.isCatchAll) return only.isConstrained ? rank.constrainedRest : rank.rest;
  return only.isConstrained ? rank.constrained : rank.parameter;
}

/** Splits at slashes outside braces: a `regex` constraint may hold one. */
function splitSegments(template: string): string[] {
  return template.split(/\/(?![^{]*\}(?!\}))/).filter((segment) => segment !== "");
}

function parseSegment(segment: string): Part[] {
  const parts: Part[] = [];
  let rest = segment;
  while (rest !== "") {
    if (!rest.startsWith("{")) {
      const literal = rest.match(/^[^{]+/)?.[0] ?? rest;
      parts.push(literal);
      rest = rest.slice(literal.length);
      continue;
    }
    const end = endOfParameter(rest);
    if (end === -1) throw new Error(`the route segment "${segment}" has a brace that is not closed`);
    parts.push(parseParameter(rest.slice(1, end)));
    rest = rest.slice(end + 1);
  }
  return parts;
}

/** The brace that closes the parameter; inside a `regex` constraint braces are doubled. */
function endOfParameter(text: string): number {
  for (let index = 1; index < text.length; index++) {
    if (text[index] === "{" && text[index + 1] === "{") index++;
    else if (text[index] === "}" && text[index + 1] === "}") index++;
    else if (text[index] === "}") return index;
  }
  return -1;
}

function parseParameter(text: string): Parameter {
  const match = text.match(/^(\*{0,2})([\w-]+)((?::[^:()?=]+(?:\(.*?\))?(?=[:?=]|$))*)(?:=([^?]*))?(\??)$/s);
  if (!match) throw new Error(`the route parameter "{${text}}" cannot be read`);
  const [, stars, name = "", constraints = "", defaultValue, optional] = match;
  const checks = [...constraints.matchAll(/:([^:()]+)(?:\((.*?)\)(?=:|$))?/gs)].map(([, kind = "", argument]) =>
    constraint(kind, argument?.replaceAll("{{", "{").replaceAll("}}", "}")),
  );
  return {
    name,
    isCatchAll: stars !== "",
    isOptional: optional === "?",
    defaultValue,
    isConstrained: checks.length > 0,
    accepts: (value) => checks.every((accepts) => accepts(value)),
  };
}

function escapeForPattern(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function decode(segment: string): string;
function decode(segment: string | undefined): string | undefined;
function decode(segment: string | undefined): string | undefined {
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
