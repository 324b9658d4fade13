/**
 * Text somebody else wrote, made fit for a log line or a title: control and direction characters become spaces, and what
 * is longer than `atMost` characters is cut. It still has to be escaped for HTML, a query or an address.
 */
export function oneLine(text: string, atMost: number): string {
  // Cut first, so that a giant text is not searched; whatever the cleaning removes only makes it shorter.
  const clean = text
    .slice(0, atMost + 1)
    .replace(unprintable, " ")
    .trim();
  return (clean.length > atMost ? `${clean.slice(0, atMost - 1)}…` : clean).toWellFormed();
}

// Controls, line and paragraph separators, and the marks that reorder text on screen.
const unprintable = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu;
