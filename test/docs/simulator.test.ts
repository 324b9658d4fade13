import { execFile } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withRouteTable, writtenPage } from "../../docs/generate-simulator-routes.ts";
import { type RunningDefender, startDefender } from "../../local/defender/server.ts";
import { defaultSettings } from "../../local/defender/state/settings.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const blocks = (language: string) =>
  [...writtenPage().matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code = ""]) => code);

let defender: RunningDefender;

beforeAll(async () => {
  defender = await startDefender();
});
afterAll(() => defender.close());

test("the table of calls is what the simulator knows (if not: npm run docs)", () => {
  expect(withRouteTable(writtenPage())).toBe(writtenPage());
});

test("every line for the shell works, one after the other", async () => {
  const script = ["set -euo pipefail", ...blocks("sh")].join("\n");
  const PATH = [path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
  const { apiUrl: API, authorityUrl: AUTHORITY, caFile: CA } = defender;
  const { stdout } = await run("bash", ["-c", script], {
    cwd: root,
    env: { ...process.env, PATH, API, AUTHORITY, CA },
  });

  expect(stdout).toContain("Succeeded");
});

test("every snippet for a test works", async () => {
  const snippets = blocks("ts");
  expect(snippets).not.toEqual([]);
  for (const snippet of snippets) {
    const { stdout } = await run(process.execPath, ["--input-type=module-typescript", "--eval", snippet], {
      cwd: root,
    });
    expect(stdout).toBe("201 Full\n");
  }
});

test("every setting it names is one", () => {
  const [, table = ""] = /\| Setting \|.*?\n((?:\|.*\n)+)/.exec(writtenPage()) ?? [];
  const named = table
    .split("\n")
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name));

  expect(named.length).toBeGreaterThan(10);
  expect(Object.keys(defaultSettings)).toEqual(expect.arrayContaining(named));
});
