// biome-ignore format: so that the line below is the one that may have control characters.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** Text of alerts without what hides or turns around other text, and no longer than a field may be. */
export function plainText(text: string, most: number): string {
  const clean = text.replaceAll("\r\n", "\n").replace(CONTROL, "");
  return clean.length <= most ? clean : `${clean.slice(0, most - 1).toWellFormed()}…`;
}

export const oneLine = (text: string, most: number): string => plainText(text.replace(/\s+/g, " ").trim(), most);

/** Text as Markdown that shows it as it is: nothing in it is a link, a picture or a mention. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

/** Text as HTML that shows it as it is. */
export const asHtml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "<br>");
