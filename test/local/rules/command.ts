import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Screen } from "../../../local/rules/rules-command.ts";

interface Ended {
  /** The exit code. */
  code: number;
  out: string;
  error: string;
}

/** Has a command do what it was told on a command line, within this process. */
export async function tell(
  command: (args: readonly string[], screen: Screen) => boolean | Promise<boolean>,
  args: readonly string[],
): Promise<Ended> {
  const out: string[] = [];
  const error: string[] = [];
  const screen: Screen = { log: (line) => void out.push(`${line}\n`), error: (line) => void error.push(`${line}\n`) };
  const isWell = await command(args, screen);
  return { code: isWell ? 0 : 1, out: out.join(""), error: error.join("") };
}

/** Runs one of the programs to its end, as a person would from another folder. */
export function run(file: string, args: readonly string[], input = ""): Promise<Ended> {
  return new Promise((resolve) => {
    const program = join(import.meta.dirname, "../../../local/rules", file);
    const env = { ...process.env, NO_COLOR: "1" };
    const child = execFile(process.execPath, [program, ...args], { env, cwd: tmpdir() }, (failure, out, error) => {
      resolve({ code: Number(failure?.code ?? 0), out, error });
    });
    child.stdin?.end(input);
  });
}

/** A folder for files of a test, gone with it. */
export function aFolder() {
  const folder = mkdtempSync(join(tmpdir(), "rules-command-"));
  return {
    write(name: string, content: string | object): string {
      const file = join(folder, name);
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
      return file;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
