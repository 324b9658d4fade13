import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";

/** A file of JSON lines that only grows. */
export interface LineFile {
  append(value: object): void;
  /** Replaces what is in the file, in one go. */
  rewrite(values: Iterable<object>): void;
  close(): void;
}

/**
 * Reads the lines of a file, if there is one. A last line without its end is what a killed process was writing:
 * nobody had its answer yet, so it is left out.
 */
export function readLines(file: string): unknown[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const complete = text.slice(0, text.lastIndexOf("\n") + 1);
  return complete
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}

/**
 * Opens a file for appending. A line is with the operating system before `append` returns, so a killed process
 * loses nothing it has answered for; only a power cut could, and a simulator need not outlive that.
 */
export function openLines(file: string): LineFile {
  dropUnfinishedLine(file);
  let descriptor = openSync(file, "a", 0o600);
  return {
    append: (value) => void writeSync(descriptor, `${JSON.stringify(value)}\n`),
    rewrite(values) {
      const replacement = `${file}.new`;
      writeFileSync(replacement, [...values].map((value) => `${JSON.stringify(value)}\n`).join(""), { mode: 0o600 });
      renameSync(replacement, file);
      closeSync(descriptor);
      descriptor = openSync(file, "a", 0o600);
    },
    close: () => closeSync(descriptor),
  };
}

function dropUnfinishedLine(file: string): void {
  if (!existsSync(file)) return;
  const content = readFileSync(file);
  const end = content.lastIndexOf(0x0a) + 1;
  if (end < content.length) truncateSync(file, end);
}
