import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { app as azure } from "@azure/functions";
import * as df from "durable-functions";
import { listen } from "./defender/http.ts";
import { clientBinding } from "./host/durable/client-binding.ts";
import { createEngine } from "./host/durable/engine.ts";
import { createDurableHttpApi } from "./host/durable/http-api.ts";
import { type VirtualClock, virtualClock } from "./host/durable/virtual-clock.ts";
import { loadApp } from "./host/worker/function-app.ts";
import type { RegisteredFunction } from "./host/worker/types.ts";

/** The durable engine with functions of the caller, in a time that passes only when nothing else is left to do. */
export interface VirtualHost {
  client: df.DurableClient;
  clock: VirtualClock;
  /** Warnings and errors of engine and functions. */
  logged: string[];
  /** Waits, in real time, until nothing is under way. */
  settle(): Promise<void>;
  /** Lets time pass, timer by timer, until something holds or `atMost` milliseconds have passed. */
  passTime(until: () => boolean | Promise<boolean>, atMost: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param register declares the functions. One host at a time in a process. */
export async function startVirtualHost(register: () => void, clock = virtualClock()): Promise<VirtualHost> {
  const folder = mkdtempSync(join(tmpdir(), "virtual-host-"));
  const logged: string[] = [];
  const addresses = { hostUrl: "", taskHub: "Virtual", systemKey: "" };
  let client: df.DurableClient | undefined;

  const app = await loadApp({
    register() {
      register();
      azure.generic("giveClient", {
        trigger: { type: "testTrigger", name: "start" },
        extraInputs: [df.input.durableClient()],
        handler: (_, context) => {
          client = df.getClient(context);
        },
      });
    },
    extraInput: () => clientBinding(addresses),
    log: (level, text) => level !== "information" && logged.push(text),
  });
  const log = (level: string, message: string) => void logged.push(`${level} ${message}`);
  const engine = createEngine({ app, file: join(folder, "runs.db"), clock, log });
  const handle = createDurableHttpApi(engine, () => addresses);
  const server = createServer((request, response) => void handle(request, response));
  addresses.hostUrl = `http://127.0.0.1:${await listen(server, 0)}`;
  process.env.WEBSITE_HOSTNAME = new URL(addresses.hostUrl).host;
  engine.start();
  await app.invoke(app.functions.get("giveClient") as RegisteredFunction, { triggerData: { string: "" } });

  async function settle(): Promise<void> {
    // What one part has done the next takes up a moment later.
    for (let quiet = 0; quiet < 3; ) {
      await new Promise((resume) => setImmediate(resume));
      quiet = engine.isBusy() ? 0 : quiet + 1;
    }
  }

  return {
    client: client as unknown as df.DurableClient,
    clock,
    logged,
    settle,
    async passTime(until, atMost) {
      const end = clock.now().getTime() + atMost;
      for (;;) {
        await settle();
        if (await until()) return;
        const next = Math.min(clock.next() ?? end, end);
        if (clock.now().getTime() >= end) throw new Error(`It did not come to hold. ${logged.slice(-5).join("\n")}`);
        clock.advance(Math.max(0, next - clock.now().getTime()));
      }
    },
    async [Symbol.asyncDispose]() {
      await engine.stop();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
