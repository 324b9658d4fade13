import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEPLOYMENTS } from "./rules.ts";

const INFRA = join(import.meta.dirname, "..");

/** No subscription is asked: these stand for one in a snapshot. */
const PLACE = {
  "--tenant-id": "00000000-0000-0000-0000-000000000001",
  "--subscription-id": "00000000-0000-0000-0000-000000000002",
  "--resource-group": "rg",
  "--location": "westeurope",
  "--deployment-name": "main",
};

/** What is compiled and committed, by file name. */
export type Compiled = ReadonlyMap<string, string>;

/**
 * Compiles and lints every template and parameter file.
 *
 * @returns the compiled template, and the snapshot of each deployment
 * @throws Error with everything the compiler said, warnings too
 */
export function compile(bicep: string): Compiled {
  const folder = mkdtempSync(join(tmpdir(), "infra-"));
  try {
    const isSource = (path: string) => !path.endsWith(".snapshot.json") && !path.endsWith(".ts");
    cpSync(INFRA, folder, { recursive: true, filter: isSource });
    run(bicep, ["build", join(folder, "main.bicep")]); // says what the linter says of every module too
    run(bicep, ["lint", join(folder, "main.bicepparam")]);
    for (const deployment of DEPLOYMENTS) {
      const place = Object.entries(PLACE).flat();
      run(bicep, ["snapshot", join(folder, `${deployment}.bicepparam`), "--mode", "overwrite", ...place]);
    }
    return new Map(COMPILED.map((file) => [file, inOrder(readFileSync(join(folder, file), "utf8"))] as const));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The compiled template, and what each parameter file makes of it. */
const COMPILED = ["main.json", ...DEPLOYMENTS.map((name) => `${name}.snapshot.json`)];

/** A snapshot has its outputs in another order each time. */
function inOrder(text: string): string {
  const { outputs, ...others } = JSON.parse(text) as { outputs: object };
  const sorted = Object.fromEntries(Object.entries(outputs).sort(([one], [other]) => (one < other ? -1 : 1)));
  return `${JSON.stringify({ ...others, outputs: sorted }, null, 2)}\n`;
}

/** A warning is as bad as an error: it comes without a failing exit code. */
function run(bicep: string, args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(bicep, args, {
    encoding: "utf8",
    env: { ...process.env, ALERT_EMAIL: "soc@example.com" },
  });
  if (error) throw error;
  const said = stderr.trim();
  if (status !== 0 || said) throw new Error(`bicep ${args[0]} ${args[1]}:\n${said || stdout}`);
}
