import { globSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type FunctionCallback, type FunctionMetadata, installCoreModule, programmingModel } from "./core-module.ts";
import { createHooks } from "./hooks.ts";
import { type AppFunction, createInvoker } from "./invoke.ts";
import type { Binding, FunctionApp, RegisteredFunction, TypedData } from "./types.ts";

/** Takes what the app and the library log. */
export type WorkerLog = (
  level: string,
  message: string,
  about: { functionName?: string; invocationId?: string; category?: string },
) => void;

export interface AppOptions {
  /** Files to load, as the `main` field of package.json names them: a path or a glob, from the app's folder. */
  entry?: string;
  appFolder?: string;
  /** Registers functions directly, instead of an entry. */
  register?: () => void | Promise<void>;
  /** The value of an input that is no trigger, such as the Durable client. */
  extraInput?: (binding: Binding) => TypedData | undefined;
  log?: WorkerLog;
}

/**
 * Loads an app as the Node worker of Azure Functions does: gives it the module it asks for, runs its files, then its
 * `appStart` hooks, and closes the registration.
 *
 * @throws Error in one sentence, with the app's own reason, when a file cannot be loaded
 */
export async function loadApp(options: AppOptions): Promise<FunctionApp> {
  const { appFolder = process.cwd(), log = () => undefined, extraInput = () => undefined } = options;
  const functions = new Map<string, AppFunction>();
  const hooks = createHooks();
  let isOpen = true;

  installCoreModule({
    register(metadata, callback) {
      if (!isOpen) throw new Error(`Function "${metadata.name}" was registered after the app had started.`);
      if (functions.has(metadata.name)) throw new Error(`Two functions are named "${metadata.name}".`);
      functions.set(metadata.name, toFunction(metadata, callback));
      return () => void functions.delete(metadata.name);
    },
    hook: (name, callback) => hooks.add(name, callback),
    log(level, category, message) {
      const line = hooks.log({ level, category, message });
      log(line.level, line.message, { category });
    },
  });

  if (options.register) await options.register();
  if (options.entry) await loadFiles(appFolder, options.entry);
  const shared = { hookData: hooks.startAndEndData, appHookData: hooks.appHookData };
  await hooks.run("appStart", { ...shared, functionAppDirectory: appFolder });
  isOpen = false;
  refuseStreaming(await programmingModel()?.getCapabilities({}));

  const invoke = createInvoker({ hooks, extraInput, log });
  return {
    functions,
    invoke: (fn, invocation) => invoke(fn as AppFunction, invocation),
    stop: () => hooks.run("appTerminate", { ...shared }),
  };
}

async function loadFiles(appFolder: string, entry: string): Promise<void> {
  const files = globSync(entry, { cwd: appFolder }).sort();
  if (files.length === 0) throw new Error(`The app has no file ${entry} in ${appFolder}; see "main" in package.json.`);
  // What the app itself says is wrong needs nothing put before it.
  for (const file of files) await import(pathToFileURL(resolve(appFolder, file)).href);
}

/** With it the library waits for each request at a server of its own; calls would hang. */
function refuseStreaming(capabilities: { HttpUri?: string } | undefined): void {
  if (!capabilities?.HttpUri) return;
  throw new Error(
    "The app turns on HTTP streaming, which this host does not do: leave enableHttpStream out of app.setup.",
  );
}

function toFunction({ name, bindings, retryOptions }: FunctionMetadata, callback: FunctionCallback): AppFunction {
  const own = bindings as Record<string, Binding>;
  const trigger = Object.values(own).find(({ type }) => /trigger$/i.test(type));
  if (!trigger) throw new Error(`Function "${name}" has no trigger.`);
  const registered: RegisteredFunction = {
    name,
    bindings: own,
    trigger,
    ...(retryOptions && { retryOptions: retryOptions as never }),
  };
  return { ...registered, callback };
}
