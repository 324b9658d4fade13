import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProgram } from "../../local/program.ts";
import { type Stack, startStack } from "../../local/stack.ts";

let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-stack-"));
  stack = await startStack({ folder });
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("what the compiler builds for Azure starts on its own, with nothing of local/", async () => {
  const built = join(".local", "test-build");
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", built]);
  const host = await startProgram<{ url: string }>(
    "host/main.ts",
    ["--port", "0", "--state", join(folder, "built"), "--entry", `${built}/functions/main.js`],
    { env: stack.settings },
  );
  const ping = await fetch(new URL("/api/runs", host.addresses.url));
  await host.stop();
  rmSync(built, { recursive: true });

  expect(ping.status).toBe(401);
});

test("says which program was lost, and what it said last", async () => {
  process.kill(stack.pids.get("defender") as number, "SIGKILL");

  expect(await stack.lost).toMatch(/^defender has ended unexpectedly: /);
});
