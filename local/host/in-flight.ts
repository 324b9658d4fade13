import type { RequestHandler } from "./server.ts";

/** A handler that can be closed: requests under way finish, new ones get 503. */
export interface ClosableHandler {
  handle: RequestHandler;
  close(): Promise<void>;
}

/**
 * Counts the requests a handler is busy with. The server itself has to stay open while they finish, because an app
 * reaches its own Durable runs through it.
 */
export function closable(inner: RequestHandler): ClosableHandler {
  const inFlight = new Set<Promise<boolean>>();
  let isClosing = false;

  return {
    async handle(request, response, url) {
      if (isClosing) {
        response.writeHead(503, { connection: "close", "content-length": 0 }).end();
        return true;
      }
      const answered = inner(request, response, url);
      inFlight.add(answered);
      try {
        return await answered;
      } finally {
        inFlight.delete(answered);
      }
    },
    async close() {
      isClosing = true;
      await Promise.allSettled(inFlight);
    },
  };
}
