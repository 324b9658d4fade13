/** The most that is read of one answer. */
export const MOST_BYTES = 64 * 1024 * 1024;

/**
 * What speaks against taking a text for what a feed sent, for feeds that never send an empty text or a web page. A login page
 * or a cut answer must not look like a feed from which everything was withdrawn.
 */
export function objectionToBody(text: string): string | undefined {
  const start = text
    .slice(0, 1_000)
    .replace(/^\uFEFF/, "")
    .trimStart()
    .toLowerCase();
  if (start === "") return "the answer is empty";
  if (/^(?:<!doctype html|<html|<head|<body|<\?xml|<!--)/.test(start)) return "the answer is a web page";
  return Buffer.byteLength(text) > MOST_BYTES ? `the answer is longer than ${MOST_BYTES} bytes` : undefined;
}

/** JSON as a feed sent it, or what is wrong with it. */
export function parseBody(text: string): { body: unknown } | { incomplete: string } {
  const incomplete = objectionToBody(text);
  if (incomplete) return { incomplete };
  try {
    return { body: JSON.parse(text.replace(/^\uFEFF/, "")) };
  } catch {
    return { incomplete: "the answer is no JSON, or cut short" };
  }
}
