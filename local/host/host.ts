import { join, resolve } from "node:path";
import { z } from "zod";
import { adminHandler, type HostStatus } from "./admin.ts";
import { type DurableHost, durableAddresses, durableInput, openDurable } from "./durable-host.ts";
import { hostIdOf } from "./host-id.ts";
import { type HostJson, readHostJson } from "./host-json.ts";
import { closable } from "./in-flight.ts";
import { readJsonFile } from "./json-file.ts";
import { type HostKeys, openKeys } from "./keys.ts";
import { consoleLog, type Log, type LogLevel } from "./log.ts";
import { type HostServer, startServer } from "./server.ts";
import { readSettings, type Settings } from "./settings.ts";
import { describeRoute, httpTriggers } from "./triggers/http/http-triggers.ts";
import { startTriggers, withoutDisabled } from "./triggers/start-triggers.ts";
import type { Trigger } from "./triggers/trigger.ts";
import { loadApp, type WorkerLog } from "./worker/function-app.ts";
import type { FunctionApp } from "./worker/types.ts";

export interface HostOptions {
  /** The folder with `host.json` and `package.json`. */
  appFolder: string;
  /** The file to load instead of the `main` of `package.json`. */
  entry?: string;
  /** Where runs, timers and keys are kept; one host at a time uses it. */
  stateFolder: string;
  /** 0 takes a free one. */
  port: number;
  /** App settings; without them they are read from the environment and `local.settings.json`. */
  settings?: Settings;
  /** How long calls under way may take when the host stops. */
  graceMs?: number;
  /** Called when runs can no longer be saved. The process must end then: nothing it promises would hold. */
  onFailure?: (error: Error) => void;
  log?: Log;
}

export interface Host {
  url: string;
  /** The file with the keys that open guarded functions and the host's own addresses. */
  keysFile: string;
  /** Lets nothing new in, waits for what is under way, and closes. What has not ended by then goes on at the next start. */
  stop(): Promise<void>;
}

const defaultGraceMs = 30_000;

/**
 * Runs a Functions app on this machine: loads it as the Functions host would, answers its HTTP functions, drives its
 * timers and event hubs, and runs its orchestrations, activities and entities.
 *
 * @throws Error of one sentence that says what to do: a port in use, a broken file, an app that does not load
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const { log = consoleLog(), graceMs = defaultGraceMs, onFailure = fail } = options;
  const appFolder = resolve(options.appFolder);
  const stateFolder = resolve(options.stateFolder);
  const hostJson = await readHostJson(join(appFolder, "host.json"), log.warn);
  const settings = options.settings ?? (await readSettings(join(appFolder, "local.settings.json")));

  const server = await startServer(options.port, log);
  try {
    // The app, and Durable's library with it, reads its settings from the environment.
    Object.assign(process.env, settings, { WEBSITE_HOSTNAME: new URL(server.url).host });
    const keys = await openKeys(join(stateFolder, "keys.json"));
    const addresses = durableAddresses(server.url, hostJson, settings, keys.durableKey);
    const loaded = await loadApp({
      appFolder,
      entry: options.entry ?? (await entryOf(appFolder)),
      extraInput: (binding) => durableInput(binding, addresses),
      log: workerLog(log),
    });
    const app = withoutDisabled(loaded, settings, hostJson.functions);
    const durable = openDurable({ app, hostJson, addresses, stateFolder, log, onFailure });
    return await open({ app, durable, server, keys, hostJson, settings, stateFolder, graceMs, log });
  } catch (error) {
    await server.stop(0);
    throw error;
  }
}

function fail(error: Error): never {
  throw error;
}

interface Parts {
  app: FunctionApp;
  durable: DurableHost;
  server: HostServer;
  keys: HostKeys;
  hostJson: HostJson;
  settings: Settings;
  stateFolder: string;
  graceMs: number;
  log: Log;
}

/** Opens the ways into a loaded app. */
async function open(parts: Parts): Promise<Host> {
  const { app, durable, server, keys, hostJson, settings, stateFolder, graceMs, log } = parts;
  const { routePrefix, customHeaders } = hostJson.extensions.http;
  const hostId = await hostIdOf(stateFolder);
  await keys.addFunctions(functionsWithKeys(app));
  const http = closable(httpTriggers({ app, keys, routePrefix, customHeaders, log }));
  const admin = adminHandler(keys, () => statusOf(app, hostId));
  server.serve([durable.handle, admin, http.handle]);
  durable.engine.start();
  const timerFolder = join(stateFolder, "timers");
  const triggers = startTriggers({ app, settings, hostJson, hostId, timerFolder, log });
  announce(app, triggers, routePrefix, log);

  /** In this order: nothing new comes in, calls end, and only then what they use is taken away. */
  async function stop(): Promise<void> {
    const deadline = Date.now() + graceMs;
    const ended = Promise.all([http.close(), ...[...triggers.values()].map((trigger) => trigger.stop())]);
    if (!(await endsWithin(ended, graceMs))) log.warn("Calls did not end in time and are given up", { graceMs });
    await durable.engine.stop(Math.max(deadline - Date.now(), 0));
    await app.stop();
    await server.stop(1000);
  }

  return { url: server.url, keysFile: keys.file, stop };
}

/** The file package.json names, which may be a glob. */
async function entryOf(appFolder: string): Promise<string> {
  const file = join(appFolder, "package.json");
  const main = z.object({ main: z.string() }).safeParse(await readJsonFile(file));
  if (main.success) return main.data.main;
  throw new Error(`${file} names no file to load: give it a "main", or give --entry.`);
}

function functionsWithKeys(app: FunctionApp): string[] {
  const isGuarded = (level: unknown) => level !== undefined && level !== "anonymous";
  return [...app.functions.values()].filter(({ trigger }) => isGuarded(trigger.authLevel)).map(({ name }) => name);
}

function statusOf(app: FunctionApp, id: string): HostStatus {
  return {
    id,
    state: "Running",
    version: "4",
    processUptime: Math.round(process.uptime() * 1000),
    functions: [...app.functions.keys()],
  };
}

function announce(app: FunctionApp, triggers: Map<string, Trigger>, routePrefix: string, log: Log): void {
  for (const fn of app.functions.values()) {
    const isHttp = fn.trigger.type === "httpTrigger";
    const description = isHttp ? describeRoute(fn, routePrefix) : triggers.get(fn.name)?.description;
    if (description !== undefined) log.info("Function", { name: fn.name, waitsFor: description });
  }
  log.info("Host started", { functions: app.functions.size });
}

/** The levels of the Functions host, in the words of this host's log. */
const logLevels: Record<string, LogLevel> = {
  trace: "debug",
  debug: "debug",
  information: "info",
  warning: "warn",
  error: "error",
  critical: "error",
};

function workerLog(log: Log): WorkerLog {
  return (level, message, { functionName }) => log[logLevels[level] ?? "info"](message, { function: functionName });
}

/** Whether a promise settles in time. */
async function endsWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timeUp = Promise.withResolvers<false>();
  const timer = setTimeout(() => timeUp.resolve(false), ms);
  const ended = promise.then(() => true);
  return Promise.race([ended, timeUp.promise]).finally(() => clearTimeout(timer));
}
