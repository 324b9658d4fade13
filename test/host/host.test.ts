import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventHubProducerClient } from "@azure/event-hubs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Azurite, startAzurite } from "../../local/azurite.ts";
import { type EventHubs, startEventHubs } from "../../local/event-hubs/server.ts";

const main = new URL("../../local/host/main.ts", import.meta.url);
const fixtureApp = new URL("fixture-app", import.meta.url).pathname;

let azurite: Azurite;
let folder: string;
let journal: string;
let hubs: EventHubs;
let running: ChildProcess[];

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(() => azurite.stop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "host-"));
  journal = join(folder, "journal");
  await writeFile(journal, "");
  // Each test has a hub of its own name, so that the checkpoints of one do not reach another.
  hubs = await startEventHubs({
    port: 0,
    folder: join(folder, "hubs"),
    hubs: [{ name: hubName(), partitionCount: 1 }],
  });
  running = [];
});

afterEach(async () => {
  for (const child of running) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }
  await hubs.close();
  await rm(folder, { recursive: true });
});

const hubName = () => `hub-${folder.split("-").at(-1)}`.toLowerCase();

interface Program {
  child: ChildProcess;
  output(): string;
}

interface RunningHost extends Program {
  url: string;
  keys: { masterKey: string; functionKeys: { default: string } };
}

function run(args: string[], environment: NodeJS.ProcessEnv = {}): Program {
  let output = "";
  const child = fork(main, args, {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      ...process.env,
      FIXTURE_JOURNAL: journal,
      FIXTURE_HUB: hubName(),
      STREAM: hubs.connectionString,
      AzureWebJobsStorage: azurite.connectionString,
      ...environment,
    },
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += text));
  running.push(child);
  return { child, output: () => output };
}

async function startHost(): Promise<RunningHost> {
  const program = run(["--app", fixtureApp, "--state", join(folder, "state"), "--port", "0"]);
  const ended = once(program.child, "exit").then(() => Promise.reject(new Error(program.output())));
  const [{ ready }] = await Promise.race([once(program.child, "message"), ended]);
  ended.catch(() => undefined);
  return { ...program, url: ready.url, keys: JSON.parse(await readFile(ready.keysFile, "utf8")) };
}

/** Runs the program to its end and gives its exit code and last words. */
async function failure(args: string[], environment?: NodeJS.ProcessEnv) {
  const { child, output } = run(args, environment);
  const [code] = await once(child, "close");
  return { code, output: output().trim() };
}

async function journalEntries(): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(journal, "utf8")).trim().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

async function send(...bodies: string[]) {
  const producer = new EventHubProducerClient(hubs.connectionString, hubName());
  await producer.sendBatch(bodies.map((body) => ({ body: Buffer.from(body) })));
  await producer.close();
}

const streamed = async () =>
  (await journalEntries()).flatMap(({ stream }) => (stream as { isBuffer: boolean; text: string }[] | undefined) ?? []);

describe("the host", () => {
  test("runs the HTTP, timer and event hub functions of an app and names what it cannot run", async () => {
    const { url, keys, output } = await startHost();

    const echo = await fetch(`${url}/api/echo/7?q=x`, {
      method: "POST",
      headers: { "x-functions-key": keys.functionKeys.default },
      body: "hello",
    });
    expect(echo.status).toBe(201);
    expect(echo.headers.get("x-host")).toBe(new URL(url).host);
    expect(echo.headers.getSetCookie()).toEqual(["seen=yes; Path=/; HttpOnly"]);
    expect(await echo.json()).toEqual({ id: "7", query: "x", body: "hello", invocationId: true });
    expect((await fetch(`${url}/api/echo/7`, { method: "POST" })).status).toBe(401);
    expect((await fetch(`${url}/api/echo/seven`, { method: "POST" })).status).toBe(404);

    await send("alert");
    await vi.waitFor(async () => expect(await streamed()).toEqual([{ isBuffer: true, text: "alert" }]), 10_000);
    expect(await journalEntries()).toContainEqual({ tick: false });
    expect(output()).toContain("this host has no trigger of type queueTrigger");
  });

  test("runs orchestrations and activities for a function that starts and awaits them", async () => {
    const { url } = await startHost();
    const greeting = await fetch(`${url}/api/greet`, { method: "POST", body: "Ada" });
    expect(await greeting.text()).toContain("Hello Ada");
  });

  test("lets no web page reach Durable's own way in, and nobody the public one without its key", async () => {
    const { url } = await startHost();
    const start = (base: string, headers: Record<string, string>) =>
      fetch(`${url}${base}/orchestrators/greeting`, { method: "POST", headers }).then(({ status }) => status);

    expect(await start("/durabletask", { origin: "https://page.example" })).toBe(403);
    expect(await start("/DurableTask", { origin: "https://page.example" })).toBe(403);
    expect(await start("/durabletask", {})).toBe(202);
    expect(await start("/runtime/webhooks/durabletask", {})).toBe(401);
  });

  test("tells its state to the holder of the master key only", async () => {
    const { url, keys } = await startHost();
    const status = (key: string) => fetch(`${url}/admin/host/status`, { headers: { "x-functions-key": key } });

    expect((await fetch(`${url}/admin/host/ping`)).status).toBe(200);
    expect((await status(keys.functionKeys.default)).status).toBe(401);
    expect(await (await status(keys.masterKey)).json()).toMatchObject({ state: "Running" });
  });

  test("stops on SIGTERM after the calls under way, with exit code 0", async () => {
    const { url, child } = await startHost();
    const response = fetch(`${url}/api/slow?ms=500`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill("SIGTERM");

    expect(await (await response).text()).toBe("done");
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  });

  test("goes on where it was after it was killed", async () => {
    const first = await startHost();
    await send("one");
    await vi.waitFor(async () => expect((await streamed()).length).toBeGreaterThanOrEqual(1), 10_000);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    await send("two");
    const second = await startHost();
    await vi.waitFor(async () => expect((await streamed()).at(-1)?.text).toBe("two"), 10_000);

    expect(second.keys).toEqual(first.keys);
  });
});

describe("a host that cannot start says why in one sentence and ends with 1:", () => {
  const state = () => ["--state", join(folder, "state")];

  test("a port in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const { code, output } = await failure(["--app", fixtureApp, ...state(), "--port", String(port)]);
    other.close();
    expect({ code, output }).toEqual({
      code: 1,
      output: `Port ${port} is in use by another program: stop that one or start with another --port.`,
    });
  });

  test("an app that does not load", async () => {
    const { code, output } = await failure(["--app", fixtureApp, ...state(), "--port", "0"], { FIXTURE_BROKEN: "x" });
    expect(code).toBe(1);
    expect(output).toContain('FIXTURE_BROKEN must not be "x".');
    expect(output).not.toContain("    at ");
  });

  test("a damaged file of runs", async () => {
    await mkdir(join(folder, "state"));
    await writeFile(join(folder, "state", "durable.db"), "this is no database".repeat(100));
    const { code, output } = await failure(["--app", fixtureApp, ...state(), "--port", "0"]);
    expect(code).toBe(1);
    expect(output).toMatch(/durable\.db/);
    expect(output.split("\n")).toHaveLength(1);
  });

  test("a broken settings file", async () => {
    const app = join(folder, "app");
    await mkdir(app);
    await writeFile(join(app, "host.json"), '{ "version": "2.0" }');
    await writeFile(join(app, "local.settings.json"), '{ "Values": { "SECRET": "hunter2", } }');
    const { code, output } = await failure(["--app", app, ...state(), "--port", "0"]);
    expect(code).toBe(1);
    expect(output).toMatch(/^\S+local\.settings\.json is not valid JSON: look at line 1, column \d+\.$/);
  });

  test("a folder that is no app", async () => {
    const { code, output } = await failure(["--app", folder, ...state(), "--port", "0"]);
    expect(code).toBe(1);
    expect(output).toContain("host.json is missing");
  });

  test.each([
    [["--state"], /--state/],
    [["--colour", "red"], /^Unknown option '--colour'; --help shows the options\.$/],
    [["--port", "0"], /^Say where the host keeps its state with --state DIR\.$/],
    [["--state", "x", "--port", "high"], /^--port high is not a whole number from 0 to 65535\.$/],
    [["--state", "x", "--log-level", "loud"], /^--log-level loud is not one of/],
  ])("the options %o", async (args, sentence) => {
    const { code, output } = await failure(args);
    expect({ code, isSentence: sentence.test(output) }).toEqual({ code: 1, isSentence: true });
  });
});

test("the host explains its options", async () => {
  const { code, output } = await failure(["--help"]);
  expect(code).toBe(0);
  expect(output).toMatch(/^Usage: node local\/host\/main\.ts/);
});
