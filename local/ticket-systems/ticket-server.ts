import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface KeptTicket {
  number: number;
  /** Labels, tags or the correlation id, and what was said. */
  marks: string[];
  title: string;
  description: unknown;
  fields: Record<string, unknown>;
  state: string;
  notes: unknown[];
  createdAt: Date;
  isDeleted: boolean;
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: a body of JSON, as it came.
  body: any;
}

export interface Answer {
  status: number;
  body?: unknown;
}

/** What is the same in every stand-in: its tickets, and the ways in which it fails when told to. */
export interface TicketState {
  tickets: KeptTicket[];
  /** By its number, unless it was deleted. */
  ticket(number: number): KeptTicket | undefined;
  /** What a search sees: nothing that was made since the index stopped following. */
  searchable(): KeptTicket[];
}

export interface Fault {
  effect: 500 | 429 | "reset";
  /** Whether the request is carried out all the same. */
  isPerformed?: boolean;
  /** Only requests of this method and path; absent: any. */
  method?: string;
  path?: RegExp;
  /** What a 429 says in `Retry-After`. @default 7 */
  retryAfterSeconds?: number;
}

export type TicketServer = Awaited<ReturnType<typeof startTicketServer>>;

/** A ticket system on the loopback interface that keeps its tickets in memory and speaks as `answer` does. */
export async function startTicketServer(answer: (asked: Asked, state: TicketState) => Answer) {
  const tickets: KeptTicket[] = [];
  const faults: Fault[] = [];
  let indexed = Number.POSITIVE_INFINITY;
  let calls = 0;
  let isDown = false;
  const state = {
    tickets,
    ticket: (number: number) => tickets.find((kept) => kept.number === number && !kept.isDeleted),
    searchable: () => tickets.slice(0, indexed).filter((kept) => !kept.isDeleted),
  };

  const server = createServer(async (incoming, response) => {
    calls++;
    if (isDown) return void incoming.socket.resetAndDestroy();
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://localhost");
    const text = Buffer.concat(chunks).toString("utf8");
    const method = incoming.method ?? "GET";
    const meets = (fault: Fault) => (fault.method ?? method) === method && (fault.path?.test(pathname) ?? true);
    const at = faults.findIndex(meets);
    const [fault] = at < 0 ? [] : faults.splice(at, 1);
    const body = text === "" ? undefined : JSON.parse(text);
    const asked = { method, path: decodeURIComponent(pathname), query: searchParams, headers: incoming.headers, body };
    const answered = !fault || fault.isPerformed ? answer(asked, state) : undefined;
    if (fault?.effect === "reset") return void incoming.socket.resetAndDestroy();
    const sent = fault || !answered ? { status: Number(fault?.effect), body: { message: "on demand" } } : answered;
    response.writeHead(sent.status, {
      "content-type": "application/json",
      ...(fault?.effect === 429 && { "retry-after": String(fault.retryAfterSeconds ?? 7) }),
    });
    response.end(sent.body === undefined ? "" : JSON.stringify(sent.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tickets,
    calls: () => calls,
    /** Has the next requests fail. */
    fail: (...next: Fault[]) => void faults.push(...next),
    /** How many failures are still to come. */
    faultsLeft: () => faults.length,
    /** The index no longer follows, until `index` is called. */
    lag() {
      indexed = tickets.length;
    },
    index() {
      indexed = Number.POSITIVE_INFINITY;
    },
    /** Cuts every connection until it is `up` again. */
    down() {
      isDown = true;
    },
    up() {
      isDown = false;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };
}

export const refusal = (status: number, message: string): Answer => ({ status, body: { message } });

/** Keeps a new ticket. */
export function keep(
  state: TicketState,
  ticket: Omit<KeptTicket, "number" | "notes" | "createdAt" | "isDeleted">,
): KeptTicket {
  const made = { number: state.tickets.length + 1, notes: [], createdAt: new Date(), isDeleted: false };
  const kept = { ...ticket, ...made };
  state.tickets.push(kept);
  return kept;
}
