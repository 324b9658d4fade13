import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What a feed was asked. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface Answered {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Ways in which feeds go wrong. */
export type Habit = "empty" | "truncated" | "html" | "endless" | "error" | "redirect-inside" | "reset";

export type FeedServer = Awaited<ReturnType<typeof startFeedServer>>;

/** A feed on the loopback interface that answers as it is told, or as feeds do on a bad day. */
export async function startFeedServer(answer: (asked: Asked) => Answered) {
  const asked: Asked[] = [];
  let habit: Habit | undefined;
  const server = createServer(async (incoming, response) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://localhost");
    const text: string[] = [];
    for await (const piece of incoming.setEncoding("utf8")) text.push(piece);
    const { method = "GET", headers } = incoming;
    const request = { method, path: pathname, query: searchParams, headers, body: text.join("") };
    asked.push(request);

    switch (habit) {
      case "error":
        return void response.writeHead(500).end("An Internal Error Has Occurred.");
      case "reset":
        return void incoming.socket.resetAndDestroy();
      case "html":
        return void response.writeHead(200, { "content-type": "text/html" }).end("<html><body>Sign in</body></html>");
      case "redirect-inside":
        return void response.writeHead(302, { location: "http://169.254.169.254/metadata/identity" }).end();
      case "endless": {
        const more = () => {
          while (response.write(`{"filler":"${"x".repeat(60_000)}"}\n`));
        };
        response.on("drain", more);
        return more();
      }
    }
    const { status = 200, headers: said = {}, body = "" } = answer(request);
    const whole = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    if (habit === "empty") return void response.writeHead(status, said).end();
    response.writeHead(status, { ...said, "content-length": String(whole.byteLength) });
    if (habit !== "truncated") return void response.end(whole);
    response.write(whole.subarray(0, whole.byteLength / 2), () => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** All it was asked so far, in order. */
    asked,
    /** How it behaves from now on; none: as it should. */
    behave(next: Habit | undefined): void {
      habit = next;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
