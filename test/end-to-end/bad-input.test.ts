import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-bad-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Settings with which the host starts, as nothing outside is called before something comes in. */
const settings = {
  AzureWebJobsStorage:
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a;",
  AlertEventHub: "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true;",
  ALERT_EVENT_HUB_NAME: "alerts",
};

interface Ended {
  code: number | null;
  said: string;
}

/** Runs a program until it ends by itself. */
function run(file: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [file, ...args], { env: { ...process.env, ...env } });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, said: said.trim() })));
}

function runHost(name: string, env: Record<string, string>, ...args: string[]): Promise<Ended> {
  const state = join(folder, name);
  mkdirSync(state, { recursive: true });
  const options = ["--entry", "functions/main.ts", "--state", state, "--port", "0", "--quiet", ...args];
  return run("local/host/main.ts", options, { ...settings, ...env });
}

test("a setting that is not known, and one that is missing, are named together", async () => {
  const { code, said } = await runHost("settings", { DEFENDER_URL: "x", ALERT_EVENT_HUB_NAME: "" });

  expect(code).toBe(1);
  expect(said).toContain("App settings cannot be used.");
  expect(said).toContain("DEFENDER_URL: is not a setting of this app");
  expect(said).toContain("ALERT_EVENT_HUB_NAME");
  expect(said).not.toContain("    at ");
});

test("a broken configuration file is named with line and column", async () => {
  const config = join(folder, "config");
  mkdirSync(config);
  writeFileSync(join(config, "policy.yaml"), "criticalAssets:\n  tags: [dc\n");
  const { code, said } = await runHost("config", { PLAYBOOKS_CONFIG_FOLDER: config });

  expect(code).toBe(1);
  expect(said).toMatch(/^\S*policy\.yaml:\d+:\d+: [^\n]+$/);
});

test("a rule for a playbook or parameter that does not exist is refused at the start", async () => {
  const config = join(folder, "rules");
  mkdirSync(config);
  writeFileSync(join(config, "policy.yaml"), "{}\n");
  const rule = "{name: r, when: {severity: [High]}, playbook: contain-device, with: {isolation: Full}}";
  writeFileSync(join(config, "automation-rules.yaml"), `rules: [${rule}]\n`);
  const { code, said } = await runHost("rules-state", { PLAYBOOKS_CONFIG_FOLDER: config });

  expect(code).toBe(1);
  expect(said).toContain('rule "r": contain-device has no parameter "isolation"; it has');
});

test("a port in use is named", async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const host = await runHost("port", {}, "--port", String(port));
  const start = await run("local/start.ts", ["--port", String(port), "--folder", join(folder, "start")]);
  server.close();

  for (const { code, said } of [host, start]) {
    expect(code).toBe(1);
    expect(said).toMatch(new RegExp(`^Port ${port} is in use by another program: [^\\n]+$`));
  }
});

test("a damaged run store is named, with what to do", async () => {
  const state = join(folder, "damaged");
  mkdirSync(state);
  writeFileSync(join(state, "durable.db"), "this is no database, it only looks as long as one ".repeat(100));
  const { code, said } = await runHost("damaged", {});

  expect(code).toBe(1);
  expect(said).toMatch(/^\S*durable\.db [^\n]+: restore it from a backup, or move it away[^\n]+$/);
});

test("an option that does not exist is named, by every command", async () => {
  const commands = ["local/start.ts", "local/demo.ts", "bench/containments.ts", "local/host/main.ts"];
  for (const command of commands) {
    const { code, said } = await run(command, ["--nonsense"]);
    expect(code, command).toBe(1);
    expect(said, command).toContain("--nonsense");
    expect(said.split("\n"), command).toHaveLength(1);
  }
});

test("a file of records that is not there is named", async () => {
  const { code, said } = await run("local/demo.ts", ["--input", join(folder, "nowhere.ndjson")]);

  expect(code).toBe(1);
  expect(said).toContain("nowhere.ndjson cannot be read.");
});
