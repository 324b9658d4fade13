import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Simulator } from "./simulator.ts";
import type { Fault, FaultEffect } from "./state/faults.ts";
import type { JournalEntry } from "./state/journal.ts";

/** A request with its body read and its address taken apart. */
export interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  /** The body as it came, which a form with files is read from. */
  bytes: Buffer;
  /** The body as text. */
  readonly body: string;
}

/** What the journal may say about a call beyond its address and status. */
export type About = Omit<Partial<JournalEntry>, "seq" | "time" | "method" | "path" | "query" | "status">;

/** An answer. A body that is neither text nor bytes is sent as JSON. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  about?: About;
}

export type Respond = (request: Request) => Reply | Promise<Reply>;

/** Larger bodies are cut off; the control API takes whole fleets at once. */
const LARGEST_BODY = 64 * 1024 * 1024;

/** Serves calls without faults, latency or journal: for the control API. */
export function serve(respond: Respond): RequestListener {
  return (incoming, response) => {
    readRequest(incoming)
      .then(respond)
      .then((reply) => send(response, reply))
      .catch((error: unknown) => sendCrash(response, error));
  };
}

/** Serves calls the way the simulator is told to: late, failing or unanswered, and always with a line in the journal. */
export function serveCalls(simulator: Simulator, respond: Respond): RequestListener {
  const { faults, journal, settings, tenant } = simulator;

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    // Half on the way in, half on the way out, as in a network: a call may take effect and its answer still be under way.
    const oneWayMs = settings.current.latencyMs / 2;
    if (oneWayMs > 0) await delay(oneWayMs);

    const fault = faults.take(request.method, request.path);
    const isPerformed = !fault || fault.performed || NEEDS_ANSWER.includes(fault.effect);
    const reply = isPerformed ? await respond(request) : undefined;
    const sent = fault ? spoil(fault, reply) : reply;
    journal.add({
      time: new Date(tenant.now()).toISOString(),
      method: request.method,
      path: request.path,
      ...(request.query.size > 0 && { query: decodeURIComponent(request.query.toString().replaceAll("+", " ")) }),
      status: sent?.status ?? 0,
      ...reply?.about,
      ...(fault && { fault: fault.effect, performed: isPerformed }),
    });

    const backMs = oneWayMs + (fault?.effect === "latency" ? fault.delayMs : 0);
    if (backMs > 0) await delay(backMs);
    if (fault?.effect === "drop") incoming.socket.destroy();
    else if (fault?.effect === "reset") incoming.socket.resetAndDestroy();
    else if (fault?.effect === "truncate" && sent) sendHalf(response, dated(sent));
    else if (sent) send(response, dated(sent));
  }

  /** A service whose clock is off is off in this header too. */
  function dated(reply: Reply): Reply {
    return { ...reply, headers: { date: new Date(tenant.now()).toUTCString(), ...reply.headers } };
  }

  return (incoming, response) => {
    handle(incoming, response).catch((error: unknown) => sendCrash(response, error));
  };
}

/** Starts listening on the loopback interface and tells the port. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code === "EADDRINUSE" ? `Port ${port} is already in use.` : error.message;
      reject(new Error(`The Defender simulator cannot listen: ${reason}`, { cause: error }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** What cannot be done to a call without its real answer. */
const NEEDS_ANSWER: readonly FaultEffect[] = ["truncate", "latency"];

/** What the client sees of a spoilt call, if anything. */
function spoil({ effect, status, headers, code, message }: Fault, reply: Reply | undefined): Reply | undefined {
  switch (effect) {
    case "answer":
      return { status, headers, body: { error: { code, message } } };
    case "html":
      return { status, headers: { "content-type": "text/html", ...headers }, body: htmlPage(status, message) };
    case "truncate":
    case "latency":
      return reply;
    default:
      return undefined;
  }
}

const htmlPage = (status: number, message: string): string =>
  `<html><head><title>${status}</title></head><body><h1>${status}</h1><p>${message}</p></body></html>`;

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const [path = "/", query = ""] = splitOnce(incoming.url ?? "/", "?");
  const bytes = incoming.method === "GET" ? Buffer.alloc(0) : await readBody(incoming);
  return {
    method: incoming.method ?? "GET",
    path,
    query: new URLSearchParams(query),
    headers: incoming.headers,
    bytes,
    get body() {
      return bytes.toString("utf8");
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error(`A body of more than ${LARGEST_BODY} bytes was sent.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: Reply): void {
  response.end(writeHead(response, reply));
}

/** The head promises the whole body, and the connection ends in the middle of it. */
function sendHalf(response: ServerResponse, reply: Reply): void {
  const content = Buffer.from(writeHead(response, reply));
  response.write(content.subarray(0, Math.floor(content.length / 2)), () => response.socket?.destroy());
}

/** @returns the body the head announces */
function writeHead(response: ServerResponse, { status, body, headers }: Reply): string | Uint8Array {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const content = body === undefined ? "" : isRaw ? body : JSON.stringify(body);
  const type = isRaw ? "text/plain" : "application/json; charset=utf-8";
  response.writeHead(status, {
    ...(body !== undefined && { "content-type": type }),
    "content-length": Buffer.byteLength(content),
    ...headers,
  });
  return content;
}

/** A fault of the simulator itself: shown to whoever called, because nobody reads a log. */
function sendCrash(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const message = error instanceof Error ? error.message : String(error);
  send(response, { status: 500, body: { error: { code: "InternalServerError", message } } });
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
