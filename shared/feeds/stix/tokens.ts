/** A pattern that breaks the grammar. @see https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_e8slinrhxcc9 */
export class PatternError extends Error {
  override readonly name = "PatternError";
  /** Where it breaks, in characters from the start. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(`${message} at character ${position + 1}`);
    this.position = position;
  }
}

export type TokenKind = "word" | "string" | "integer" | "float" | "time" | "hex" | "binary" | "sign" | "end";

export interface Token {
  kind: TokenKind;
  /** The text; of strings, times, hex and binary what stands between the quotes, escapes undone. */
  text: string;
  position: number;
}

const SPACE = /(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\r\n]*)+/y;
const TIME = String.raw`\d{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?Z`;
const BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)";

// The first that fits counts, so literals with a letter in front come before words.
const KINDS: readonly [TokenKind, RegExp][] = [
  ["time", new RegExp(`t'(${TIME})'`, "y")],
  ["hex", /h'((?:[0-9A-Fa-f]{2})*)'/y],
  ["binary", new RegExp(`b'(${BASE64})'`, "y")],
  ["string", /'((?:[^'\\]|\\['\\])*)'/y],
  ["float", /[+-]?\d*\.\d+/y],
  ["integer", /[+-]?(?:0|[1-9]\d*)/y],
  ["word", /[A-Za-z_][A-Za-z0-9_-]*/y],
  ["sign", /==|!=|<>|<=|>=|[=<>[\]().,:*]/y],
];

/** @throws PatternError where nothing of the grammar begins */
export function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ; ) {
    at += matchAt(SPACE, pattern, at)?.[0].length ?? 0;
    if (at >= pattern.length) return [...tokens, { kind: "end", text: "", position: at }];
    const [kind, match] = nextOf(pattern, at);
    const text = match[1] ?? match[0];
    tokens.push({ kind, text: kind === "string" ? text.replace(/\\(['\\])/g, "$1") : text, position: at });
    at += match[0].length;
  }
}

function nextOf(pattern: string, at: number): [TokenKind, RegExpExecArray] {
  for (const [kind, form] of KINDS) {
    const match = matchAt(form, pattern, at);
    if (match) return [kind, match];
  }
  throw new PatternError(`${JSON.stringify(pattern[at])} is not expected`, at);
}

function matchAt(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(text);
}
