import { readFileSync } from "node:fs";
import { parseExactJson } from "../../shared/exact-json.ts";

/** Saved answers of an API may be much larger than a message. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;

/**
 * Reads a file whole, or what is piped in for `-`.
 *
 * @throws Error with a sentence for the person who named it
 */
export function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8").replace(/^\uFEFF/, "");
  } catch {
    throw new Error(file === "-" ? "Nothing can be read from standard input." : `${file} cannot be read.`);
  }
}

/** What a text says as JSON; undefined when it is none. */
export function jsonIn(text: string): unknown {
  try {
    return parseExactJson(text, { maxBytes: MAX_FILE_BYTES });
  } catch {
    return undefined;
  }
}

/** The rows of an answer of Defender's API: a list, with or without what is around it, or one row alone. */
export function rowsIn(json: unknown): object[] {
  if (typeof json !== "object" || json === null) return [];
  const { value } = json as { value?: unknown };
  const rows = Array.isArray(json) ? json : Array.isArray(value) ? value : [json];
  return rows.filter((row) => typeof row === "object" && row !== null);
}
