import { readFile } from "node:fs/promises";
import { parse } from "lossless-json";

/**
 * Reads a JSON file a person wrote.
 *
 * @returns the value, or undefined when there is no such file
 * @throws Error naming file, line and column when it is not JSON; never with text of the file, which may hold secrets
 */
export async function readJsonFile(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read (${code}).`);
  }
  text = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(text);
  } catch {
    const { line, column } = placeOf(errorOffset(text), text);
    throw new Error(`${file} is not valid JSON: look at line ${line}, column ${column}.`);
  }
}

/** Node's own message often quotes the text around the error and leaves out the place; this parser counts. */
function errorOffset(text: string): number {
  try {
    parse(text);
  } catch (error) {
    const offset = String(error).match(/at position (\d+)/)?.[1];
    if (offset !== undefined) return Number(offset);
  }
  return text.length;
}

function placeOf(offset: number, text: string): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
