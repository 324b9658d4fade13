const INVISIBLE = /[\u200B-\u200D\u2060\uFEFF]/g;
const AROUND = /^["'`<\s]+|["'`>\s.,;:!?)…]+$/g;

/** Text without what nobody sees. */
export const visibleText = (raw: string): string =>
  raw.normalize("NFKC").replace(INVISIBLE, "").replaceAll("\u00A0", " ").trim();

/** A value without what prose puts around it: quotes, brackets, a full stop. */
export const bareText = (text: string): string => text.replace(AROUND, "");

const SCHEME = /^\[?(?:hxxp|hxtp|htxp|meow|h\[tt\]p|http)(s?)\s*(?:\[:\/\/\]|\[:\]\/\/|:\/\/|\[:\/\]\/)\]?/i;

/**
 * A value that was made harmless for reading, as it was before: `hxxps[:]//evil[.]example` to `https://evil.example`. Paths
 * and queries are left as they are: brackets there may be the attacker's.
 */
export function refang(text: string): string {
  const scheme = SCHEME.exec(text);
  const rest = scheme ? text.slice(scheme[0].length) : text;
  const end = /(?<!\[)[/?#]/.exec(rest)?.index ?? rest.length;
  const host = rest
    .slice(0, end)
    .replace(/\s*(?:\[\.\]?|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\\\.)\s*/gi, ".")
    .replaceAll("[:]", ":")
    .replace(/\s*(?:\[@\]|\[at\])\s*/gi, "@")
    .replace(/\[$/, "");
  const path = rest.slice(end).replace(/^\/\]/, "/");
  return `${scheme ? `http${(scheme[1] ?? "").toLowerCase()}://` : ""}${host}${path}`;
}
