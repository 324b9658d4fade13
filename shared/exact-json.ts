import { parse } from "lossless-json";

/** How large a text may be where nothing else is said: Event Hubs carries no larger message. @see https://learn.microsoft.com/en-us/azure/event-hubs/event-hubs-quotas */
export const MAX_JSON_BYTES = 1024 * 1024;

/** Far deeper than any real row, and shallow enough for every recursive step that follows. */
export const MAX_NESTING = 256;

/**
 * Reads JSON without rounding: an integer that a double cannot hold comes back as the string of its digits, because
 * some tables have `ReportId`s beyond 2^53.
 *
 * Of a key that is there twice the last value counts, as in `JSON.parse`. A key `__proto__` is a key like any other.
 *
 * @throws UnreadableJson when the text is too large, nested too deep, cut off, or no JSON
 */
export function parseExactJson(text: string, { maxBytes = MAX_JSON_BYTES } = {}): unknown {
  if (text.trim() === "") throw new UnreadableJson("is empty");
  // Bytes are counted only where characters leave it open: no character has fewer than one.
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes) {
    throw new UnreadableJson(`is larger than ${maxBytes} bytes`);
  }
  if (isNestedTooDeep(text)) throw new UnreadableJson(`is nested deeper than ${MAX_NESTING} levels`);

  try {
    if (!mayHoldInexactNumber.test(text)) return JSON.parse(text);
  } catch {
    // The exact parser finds the same fault, and says where the text ends.
  }
  try {
    return parse(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UnreadableJson(detail.includes("reached end of input") ? "is cut off" : "is not JSON", { cause: error });
  }
}

/** Text that cannot be read as JSON. The message is the end of a sentence: "is cut off". */
export class UnreadableJson extends Error {
  override name = "UnreadableJson";
}

/**
 * A number of 16 digits or with an exponent, or something in a string that looks like one. Most texts have none, and the
 * built-in parser, which reads them alike, is some ten times as fast.
 */
const mayHoldInexactNumber = /(?:^|[:,[])\s*-?(?:\d{16}|[\d.]+e)/i;

function exactNumber(digits: string): number | string {
  const number = Number(digits);
  const isExact = Number.isSafeInteger(number) || !/^-?\d+$/.test(digits);
  return isExact && Number.isFinite(number) ? number : digits;
}

/** Counts open brackets outside strings, without recursion: the parser itself would run out of stack. */
function isNestedTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isInString) {
      if (character === "\\") index++;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "{" || character === "[") {
      depth++;
      if (depth > MAX_NESTING) return true;
    } else if (character === "}" || character === "]") depth--;
  }
  return false;
}
