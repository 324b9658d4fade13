import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
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
  if (document.errors.length > 0) {
    throw new SettingsError(
      document.errors.map(({ pos, message }) => `${at(file, lines, pos[0])}: ${message}`).join("\n"),
    );
  }

  const { data, error } = schema.safeParse(document.toJS());
  if (!error) return data;
  const problems = error.issues
    .flatMap(closest)
    .flatMap(apart)
    .map((problem) => ({ ...problem, offset: offsetOf(document, problem.path) }))
    .sort((one, other) => one.offset - other.offset)
    .map(({ path, message, offset }) => {
      const where = path.length > 0 ? `${path.join(".")}: ` : "";
      return `${at(file, lines, offset)}: ${where}${message}`;
    });
  throw new SettingsError([...new Set(problems)].join("\n"));
}

type Issue = z.core.$ZodIssue;

/** Of a value that may have several forms, what is wrong with it in the form it comes closest to. */
function closest(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const forms = issue.errors.map((issues) =>
    issues.flatMap((inner) => closest({ ...inner, path: [...issue.path, ...inner.path] } as Issue)),
  );
  const farFrom = (issues: Issue[]) => {
    const depth = Math.max(...issues.map(({ path }) => path.length));
    return (issues.some(({ code }) => code === "invalid_type") ? 0.5 : 0) - depth;
  };
  return forms.reduce((best, form) => (farFrom(form) < farFrom(best) ? form : best));
}

/** Each key that is not known is a problem of its own. */
function apart(issue: Issue): { path: PropertyKey[]; message: string }[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: "there is no such key" }));
  }
  const isMissing = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
  return [{ path: issue.path, message: isMissing ? "is missing" : issue.message }];
}

/** Where what is at a path begins, with its key; what is missing is nowhere, so what it is missing in counts. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const step = path[length - 1];
    const pair = isMap<Node>(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === step) : undefined;
    const node = pair?.key ?? (isSeq<Node>(parent) ? parent.items[Number(step)] : undefined);
    if (node?.range) return node.range[0];
  }
  return 0;
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
