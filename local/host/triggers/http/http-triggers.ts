import type { IncomingMessage } from "node:http";
import type { AuthLevel, HostKeys } from "../../keys.ts";
import type { Log } from "../../log.ts";
import type { RequestHandler } from "../../server.ts";
import type { FunctionApp, RegisteredFunction } from "../../worker/types.ts";
import { BodyTooLargeError, readBody, toHttpData } from "./request.ts";
import { sendHttpData } from "./response.ts";
import { byPrecedence, parseRoute, type Route } from "./route.ts";

/** The Functions host's own limit for request bodies. */
const defaultMaxBodyBytes = 100 * 1024 * 1024;

export interface HttpTriggerOptions {
  app: FunctionApp;
  keys: HostKeys;
  /** `extensions.http.routePrefix` of `host.json`. */
  routePrefix: string;
  customHeaders?: Record<string, string>;
  maxBodyBytes?: number;
  log: Log;
}

interface HttpFunction extends Route {
  fn: RegisteredFunction;
  methods: Set<string>;
  authLevel: AuthLevel;
}

/**
 * Answers requests with the app's HTTP functions. A path or method that no function has is left to others, and so ends
 * as 404: the Functions host, too, treats the method as part of the route and does not answer 405.
 */
export function httpTriggers({
  app,
  keys,
  routePrefix,
  customHeaders = {},
  maxBodyBytes = defaultMaxBodyBytes,
  log,
}: HttpTriggerOptions): RequestHandler {
  const functions = httpFunctions(app, routePrefix, log);

  return async (request, response, url) => {
    const found = find(functions, request.method ?? "GET", url.pathname);
    if (!found) return false;
    const { fn, authLevel, params } = found;

    response.setHeaders(new Map(Object.entries(customHeaders)));
    if (!keys.opens(authLevel, fn.name, keyGiven(request, url))) {
      response.writeHead(401, { "content-length": 0 }).end();
      return true;
    }
    try {
      const body = await readBody(request, maxBodyBytes);
      const result = await app.invoke(fn, { triggerData: toHttpData(request, url, params, body) });
      if (result.error) throw result.error;
      sendHttpData(response, result.returnValue, request.method === "HEAD");
    } catch (error) {
      if (error instanceof BodyTooLargeError) {
        response.writeHead(413, { connection: "close", "content-length": 0 }).end();
        return true;
      }
      // The answer stays empty: what went wrong is for the log, not for the caller.
      log.error("HTTP function failed", { function: fn.name, error });
      if (response.headersSent) response.destroy();
      else {
        for (const name of response.getHeaderNames()) response.removeHeader(name);
        response.setHeaders(new Map(Object.entries(customHeaders)));
        response.writeHead(500, { "content-length": 0 }).end();
      }
    }
    return true;
  };
}

/** The routes of the app as it would be told to a person, such as `GET,POST /api/runs/{id}`. */
export function describeRoute(fn: RegisteredFunction, routePrefix: string): string {
  return `${[...methodsOf(fn)].join(",")} /${templateOf(fn, routePrefix)}`;
}

function httpFunctions(app: FunctionApp, routePrefix: string, log: Log): HttpFunction[] {
  const functions: HttpFunction[] = [];
  for (const fn of app.functions.values()) {
    if (fn.trigger.type !== "httpTrigger") continue;
    try {
      const route = parseRoute(templateOf(fn, routePrefix));
      functions.push({ ...route, fn, methods: methodsOf(fn), authLevel: authLevelOf(fn) });
    } catch (error) {
      log.error("HTTP function is left out: its route cannot be read", { function: fn.name, error });
    }
  }
  return functions.sort(byPrecedence);
}

function find(functions: HttpFunction[], method: string, path: string) {
  for (const candidate of functions) {
    if (!candidate.methods.has(method)) continue;
    const params = candidate.match(path);
    if (params) return { ...candidate, params };
  }
  return undefined;
}

function templateOf(fn: RegisteredFunction, routePrefix: string): string {
  const route = typeof fn.trigger.route === "string" ? fn.trigger.route : fn.name;
  return [routePrefix, route].filter((part) => part !== "").join("/");
}

function methodsOf(fn: RegisteredFunction): Set<string> {
  const methods =
    Array.isArray(fn.trigger.methods) && fn.trigger.methods.length > 0 ? fn.trigger.methods : defaultMethods;
  return new Set(methods.map((method) => String(method).toUpperCase()));
}

const defaultMethods = ["GET", "POST"];

/** An unknown level asks for the master key: a typing error must not open a function. */
function authLevelOf(fn: RegisteredFunction): AuthLevel {
  const level = String(fn.trigger.authLevel ?? "anonymous").toLowerCase();
  return level === "anonymous" || level === "function" ? level : "admin";
}

/** The header wins over the query, as in Azure. */
export function keyGiven(request: IncomingMessage, url: URL): string | undefined {
  const header = request.headers["x-functions-key"];
  return (Array.isArray(header) ? header[0] : header) ?? url.searchParams.get("code") ?? undefined;
}
