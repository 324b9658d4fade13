import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { app as azure } from "@azure/functions";
import * as df from "durable-functions";
import { listen } from "./defender/http.ts";
import { clientBinding } from "./host/durable/client-binding.ts";
import { createEngine, type Engine } from "./host/durable/engine.ts";
import type { HistoryEvent } from "./host/durable/history.ts";
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
  /** What has happened to a run, as it is kept. */
  history(runId: string): HistoryEvent[];
  /**
   * Ends as a process that is killed at this moment, with what is on disk, and starts again on that.
   *
   * @param register declares the functions from now on; those before if left out
   */
  restart(register?: () => void): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param register declares the functions. One host at a time in a process. */
export async function startVirtualHost(register: () => void, clock = virtualClock()): Promise<VirtualHost> {
  const folder = mkdtempSync(join(tmpdir(), "virtual-host-"));
  const logged: string[] = [];
  const addresses = { hostUrl: "", taskHub: "Virtual", systemKey: "" };
  let life = 0;
  let isStarting = false;
  let engine: Engine;
  let handle: ReturnType<typeof createDurableHttpApi>;
  let client: df.DurableClient | undefined;

  const fileOf = (life: number) => join(folder, `runs-${life}.db`);

  async function begin(): Promise<void> {
    isStarting = true;
    const own = ++life;
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
    // Nobody hears what a killed process has to say.
    const log = (level: string, message: string) => own === life && logged.push(`${level} ${message}`);
    engine = createEngine({ app, file: fileOf(own), clock, log });
    handle = createDurableHttpApi(engine, () => addresses);
    await app.invoke(app.functions.get("giveClient") as RegisteredFunction, { triggerData: { string: "" } });
    engine.start();
    isStarting = false;
  }

  const server = createServer((request, response) => void handle(request, response));
  addresses.hostUrl = `http://127.0.0.1:${await listen(server, 0)}`;
  process.env.WEBSITE_HOSTNAME = new URL(addresses.hostUrl).host;
  await begin();

  async function settle(): Promise<void> {
    // What one part has done the next takes up a moment later.
    for (let quiet = 0; quiet < 3; ) {
      await new Promise((resume) => setImmediate(resume));
      quiet = isStarting || engine.isBusy() ? 0 : quiet + 1;
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
    history: (runId) => engine.history(runId),
    async restart(next = register) {
      // The files as they are now: nothing is written while this is done.
      for (const part of ["", "-wal"]) copyFileSync(fileOf(life) + part, fileOf(life + 1) + part);
      void engine.stop(0);
      register = next;
      await begin();
    },
    async [Symbol.asyncDispose]() {
      await engine.stop();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
