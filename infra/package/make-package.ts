import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zipSync } from "fflate";
import { type DurableBackend, deployedHostJson } from "./host-json.ts";

const APP = join(import.meta.dirname, "../..");

/** Of no use to an app that runs. */
const LEFT_OUT = /\.(d\.[cm]?ts|[cm]?ts|map|md|markdown)$|^package-lock\.json$|^node_modules\/\.(bin|package-lock)/;

/** The same bytes go into the same zip, whenever it is made. */
const NO_TIME = new Date("2000-01-01T00:00:00Z");

/**
 * Makes the zip that is deployed: compiled code, configuration and production dependencies as the lock file has them.
 * Nothing is written beside it; the work is done in a folder that is removed again.
 *
 * @throws Error with what the compiler or npm said
 */
export function makePackage(zipFile: string, backend: DurableBackend): { files: number; bytes: number } {
  const folder = mkdtempSync(join(tmpdir(), "package-"));
  try {
    for (const name of ["package.json", "package-lock.json", "config"]) {
      cpSync(join(APP, name), join(folder, name), { recursive: true });
    }
    run("node", [
      join(APP, "node_modules/typescript/bin/tsc"),
      "-p",
      "tsconfig.build.json",
      "--outDir",
      join(folder, "dist"),
    ]);
    run("npm", ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], folder);
    writeJson(join(folder, "host.json"), deployedHostJson(readJson(join(APP, "host.json")), backend));
    writeJson(join(folder, "package.json"), deployedPackageJson(readJson(join(APP, "package.json"))));
    const files = globSync("**", { cwd: folder }).filter(
      (path) => !LEFT_OUT.test(path) && statSync(join(folder, path)).isFile(),
    );
    const contents = files.sort().map((path) => [path, readFileSync(join(folder, path))] as const);
    const zip = zipSync(Object.fromEntries(contents), { level: 9, mtime: NO_TIME });
    mkdirSync(dirname(zipFile), { recursive: true });
    writeFileSync(zipFile, zip);
    return { files: files.length, bytes: zip.byteLength };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What Azure needs of it: where the app begins, and that its files are modules. */
function deployedPackageJson({ name, version, type, main, dependencies }: Record<string, unknown>) {
  return { name, version, private: true, type, main, dependencies };
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, "utf8")) as T;
const writeJson = (file: string, value: unknown): void => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

function run(program: string, args: string[], cwd = APP): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args[0]} failed:\n${stdout}${stderr}`);
}
