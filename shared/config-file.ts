import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { SettingsError } from "./config.ts";

/**
 * Reads one of the files a security team edits.
 *
 * @throws SettingsError naming file, line and column; a broken file is refused whole
 */
export function readConfigFile<T extends z.ZodType>(folder: string, name: string, schema: T): z.output<T> {
  const file = join(folder, name);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new SettingsError(
      `${file} cannot be read. Restore it, or point PLAYBOOKS_CONFIG_FOLDER at the right folder.`,
    );
  }
  return parseConfig(text, file, schema);
}

/** The same for text already read; `file` is for the message. */
export function parseConfig<T extends z.ZodType>(text: string, file: string, schema: T): z.output<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) throw new SettingsError(`${at(file, lines, broken.pos[0])}: ${broken.message}`);

  const { data, error } = schema.safeParse(document.toJS());
  if (!error) return data;
  const problems = error.issues.map((issue) => {
    const node = document.getIn(issue.path as (string | number)[], true) as { range?: [number] } | undefined;
    const where = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
    return `${at(file, lines, node?.range?.[0] ?? 0)}: ${where}${issue.message}`;
  });
  throw new SettingsError(problems.join("\n"));
}

function at(file: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
}

/** The `config/` folder of the app: beside host.json, above the folder of the running code. */
export function configFolderOf(codeFolder: string): string {
  for (let folder = codeFolder; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "host.json"))) return join(folder, "config");
    if (folder === dirname(folder)) {
      throw new SettingsError(`No host.json is above ${codeFolder}. Set PLAYBOOKS_CONFIG_FOLDER.`);
    }
  }
}
