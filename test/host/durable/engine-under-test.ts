import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { app as azure } from "@azure/functions";
import * as df from "durable-functions";
import { clientBinding } from "../../../local/host/durable/client-binding.ts";
import { createEngine, type Engine } from "../../../local/host/durable/engine.ts";
import { EventType, isEnded } from "../../../local/host/durable/history.ts";
import { createDurableHttpApi } from "../../../local/host/durable/http-api.ts";
import { loadApp } from "../../../local/host/worker/function-app.ts";
import type { RegisteredFunction, TypedData } from "../../../local/host/worker/types.ts";
import { type TestClock, testClock } from "./clock.ts";

/** The engine with an app registered by the test, and the library's own client talking to it over HTTP. */
export interface EngineUnderTest {
  client: df.DurableClient;
  clock: TestClock;
  logged: string[];
  /** The one that runs now. */
  readonly engine: Engine;
  /** The file with the runs. */
  file: string;
  /** The base address of the host. */
  url: string;
  /** Waits until an orchestration has ended, and gives its status. */
  ended(id: string): Promise<df.DurableOrchestrationStatus>;
  /** Waits until an orchestration is in this state. */
  status(id: string, runtimeStatus: string): Promise<void>;
  /** Waits until an orchestration has this many completed activities in its history. */
  completed(id: string, count: number): Promise<void>;
  /** Waits until something holds. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  /** Stops the engine and starts another one on the same file. */
  restart(graceMs?: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Below that of the test runner, which cannot tell what it has waited for. */
const PATIENCE_MS = 20_000;

export async function engineWith(
  register: () => void,
  { hostName = "set", ...options }: { hostName?: "set" | "unset"; maxConcurrentActivities?: number } = {},
): Promise<EngineUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const file = join(folder, "runs.db");
  const clock = testClock();
  const logged: string[] = [];
  let binding: TypedData = { json: "{}" };
  let client: df.DurableClient | undefined;
  const app = await loadApp({
    register() {
      register();
      azure.generic("giveClient", {
        trigger: { type: "testTrigger", name: "test" },
        extraInputs: [df.input.durableClient()],
        handler: (_, context) => {
          client = df.getClient(context);
        },
      });
    },
    extraInput: () => binding,
    log: (_, text) => logged.push(text),
  });

  const addresses = { hostUrl: "", taskHub: "TestHub", systemKey: "test/key==" };
  let engine: Engine;
  let handle: ReturnType<typeof createDurableHttpApi>;
  function open(): void {
    const log = (level: string, message: string) => void logged.push(`${level} ${message}`);
    engine = createEngine({ app, file, clock, log, ...options });
    handle = createDurableHttpApi(engine, () => addresses);
    engine.start();
  }
  open();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  addresses.hostUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (hostName === "set") process.env.WEBSITE_HOSTNAME = new URL(addresses.hostUrl).host;
  else delete process.env.WEBSITE_HOSTNAME;
  binding = clientBinding(addresses);
  await app.invoke(app.functions.get("giveClient") as RegisteredFunction, { triggerData: { string: "" } });

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; !(await holds()); ) {
      if (Date.now() > deadline) throw new Error(`It did not come to hold. Logged:\n${logged.join("\n")}`);
      await new Promise((resume) => setTimeout(resume, 5));
    }
  }

  return {
    get engine() {
      return engine;
    },
    file,
    status: (id, runtimeStatus) => until(() => engine.instance(id)?.status === runtimeStatus),
    completed: (id, count) =>
      until(() => engine.history(id).filter((event) => event.EventType === EventType.TaskCompleted).length === count),
    get client() {
      return client as df.DurableClient;
    },
    clock,
    logged,
    url: addresses.hostUrl,
    until,
    async ended(id) {
      await until(() => isEnded(engine.instance(id)?.status ?? "Pending"));
      return (client as df.DurableClient).getStatus(id);
    },
    async restart(graceMs) {
      await engine.stop(graceMs);
      open();
    },
    async [Symbol.asyncDispose]() {
      await engine.stop();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
