import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Log, messageOf } from "./log.ts";

/** Answers a request and says so, or leaves it to the next handler. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;

export interface HostServer {
  /** Such as `http://127.0.0.1:7071`. */
  url: string;
  /** Puts handlers behind the address; until then, and when it stops, the host answers 503. */
  serve(handlers: RequestHandler[]): void;
  /** Takes no new requests, lets those under way finish for at most the grace period, then closes. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Listens on the loopback address only: keys and sign-ins cross it without TLS.
 *
 * @param port 0 takes a free one
 * @throws Error of one sentence when the port is in use
 */
export async function startServer(port: number, log: Log): Promise<HostServer> {
  let handlers: RequestHandler[] | undefined;
  let origin = "";
  let isStopping = false;

  const server = createServer((request, response) => {
    // A connection that is kept alive after its last answer would hold up the end.
    response.once("close", () => isStopping && server.closeIdleConnections());
    answer(request, response).catch((error: unknown) => {
      log.error("Request failed", { path: request.url?.split("?")[0], error });
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "content-length": 0 }).end();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!handlers) return void response.writeHead(503, { "retry-after": "1", "content-length": 0 }).end();
    const url = urlOf(request, origin);
    if (!url) return void response.writeHead(400, { connection: "close", "content-length": 0 }).end();
    for (const handle of handlers) if (await handle(request, response, url)) return;
    response.writeHead(404, { "content-length": 0 }).end();
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen(port, "127.0.0.1", resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: origin,
    serve(next) {
      handlers = next;
    },
    stop: (graceMs) =>
      new Promise((resolve) => {
        isStopping = true;
        const impatience = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(impatience);
          resolve();
        });
      }),
  };
}

/** The address as the caller wrote it; undefined when no URL can be made of it. */
function urlOf(request: IncomingMessage, origin: string): URL | undefined {
  const base = request.headers.host ? `http://${request.headers.host}` : origin;
  const target = request.url ?? "/";
  // A path such as `//other/x` is a path here, not the name of another machine.
  return URL.parse(target.startsWith("/") ? base + target : target) ?? undefined;
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === "EADDRINUSE") {
    return new Error(`Port ${port} is in use by another program: stop that one or start with another --port.`);
  }
  if (error.code === "EACCES") return new Error(`Port ${port} needs more rights: choose a --port above 1023.`);
  return new Error(`The host cannot listen on port ${port}: ${messageOf(error)}.`);
}
