import { join } from "node:path";
import { z } from "zod";
import { type ClientAddresses, clientBinding, RPC_PATH } from "./durable/client-binding.ts";
import { createEngine, type Engine } from "./durable/engine.ts";
import { createDurableHttpApi } from "./durable/http-api.ts";
import type { HostJson } from "./host-json.ts";
import { isLogLevel, type Log } from "./log.ts";
import type { RequestHandler } from "./server.ts";
import { resolveSettings, type Settings } from "./settings.ts";
import type { Binding, FunctionApp, TypedData } from "./worker/types.ts";

/** The part of `extensions.durableTask` that means something on one machine. */
const DurableOptions = z.object({
  hubName: z.string().default("TestHubName"),
  maxConcurrentActivityFunctions: z.int().min(1).default(50),
});

/** Where an app finds Durable; known before the engine runs, as the app may ask while it is loaded. */
export function durableAddresses(hostUrl: string, hostJson: HostJson, settings: Settings, systemKey: string) {
  const { hubName } = DurableOptions.parse(hostJson.extensions.durableTask);
  return { hostUrl, taskHub: resolveSettings(hubName, settings), systemKey } satisfies ClientAddresses;
}

/** The value of the inputs that let a function start and manage orchestrations. */
export function durableInput({ type }: Binding, addresses: ClientAddresses): TypedData | undefined {
  return type === "durableClient" || type === "orchestrationClient" ? clientBinding(addresses) : undefined;
}

export interface DurableHostOptions {
  app: FunctionApp;
  hostJson: HostJson;
  addresses: ClientAddresses;
  stateFolder: string;
  log: Log;
  onFailure: (error: Error) => void;
}

export interface DurableHost {
  engine: Engine;
  /** Answers Durable's HTTP addresses. */
  handle: RequestHandler;
}

/** @throws Error in one sentence when the file of runs cannot be used */
export function openDurable(options: DurableHostOptions): DurableHost {
  const { app, hostJson, addresses, stateFolder, log, onFailure } = options;
  const engine = createEngine({
    app,
    file: join(stateFolder, "durable.db"),
    maxConcurrentActivities: DurableOptions.parse(hostJson.extensions.durableTask).maxConcurrentActivityFunctions,
    log: (level, message) => log[isLogLevel(level) ? level : "info"](message),
    onFailure,
  });
  const api = createDurableHttpApi(engine, () => addresses);

  return {
    engine,
    async handle(request, response, url) {
      // The library's own way in has no key. A web page open in a browser here must not start runs through it: pages
      // give themselves away by their origin, or by a host name they had pointed at this machine.
      const isPage = request.headers.origin !== undefined || request.headers["sec-fetch-site"] !== undefined;
      if (url.pathname.toLowerCase().startsWith(RPC_PATH) && (isPage || url.origin !== addresses.hostUrl)) {
        response.writeHead(403, { "content-length": 0 }).end();
        return true;
      }
      return api(request, response);
    },
  };
}
