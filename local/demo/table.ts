import { stripVTControlCharacters } from "node:util";

const LONGEST_CELL = 60;

/**
 * Rows as aligned columns under a header. Control characters are taken out: titles of alerts come from outside.
 *
 * @param longestCell how many characters of a cell are shown
 */
export function table(header: string[], rows: string[][], longestCell = LONGEST_CELL): string {
  const clean = [header, ...rows].map((row) => row.map((cell) => printable(cell, longestCell)));
  const widths = header.map((_, column) => Math.max(...clean.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const [head = [], ...body] = clean;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

function printable(text: string, atMost: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
  return clean.length > atMost ? `${clean.slice(0, atMost - 1)}…` : clean;
}
