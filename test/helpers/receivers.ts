import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: a body of JSON, as it came.
  body: any;
}

interface Answer {
  status: number;
  body?: string;
  headers?: Record<string, string>;
}

/** What a service says to a request: `taken` is kept. */
type Rules = (request: Received) => Answer & { taken?: boolean };

/** A service on the loopback interface that takes messages as `rules` say, and fails when told to. */
export async function startReceiver(rules: Rules) {
  const messages: Received[] = [];
  const failures: (Answer | "reset")[] = [];
  let calls = 0;
  const server = createServer(async (incoming, response) => {
    calls++;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString("utf8");
    const request = { path: incoming.url ?? "", headers: incoming.headers, raw, body: parseJson(raw) };
    const failure = failures.shift();
    if (failure === "reset") return void incoming.socket.resetAndDestroy();
    const { status, body = "", headers = {}, taken } = failure ? { ...failure, taken: false } : rules(request);
    if (taken) messages.push(request);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    messages,
    calls: () => calls,
    /** The next request is answered so. */
    fail: (failure: Answer | "reset") => void failures.push(failure),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const TEAMS_PATH = "/workflows/1/triggers/manual/paths/invoke?api-version=2016-06-01&sig=teams-secret";

/** A workflow: it wants its signature, a message with one card, and no more than 28 KB. */
export const startTeams = () =>
  startReceiver(({ path, raw, body }) => {
    if (path !== TEAMS_PATH) return { status: 401, body: `{"error":{"code":"DirectApiAuthorizationRequired"}}` };
    if (Buffer.byteLength(raw) > 28 * 1024) return { status: 413 };
    const card = body?.attachments?.[0];
    const isCard =
      body?.type === "message" &&
      card?.contentType === "application/vnd.microsoft.card.adaptive" &&
      card.content?.type === "AdaptiveCard" &&
      card.content.body.every(
        ({ type, inlines }: { type: string; inlines?: { type: string; text: string }[] }) =>
          type === "RichTextBlock" && inlines?.every((run) => run.type === "TextRun" && run.text !== ""),
      );
    return isCard ? { status: 202, taken: true } : { status: 400, body: "not a card" };
  });

export const SLACK_PATH = "/services/T000/B000/slack-secret";
export const SLACK_TOKEN = "xoxb-slack-token";

/** Slack: an incoming webhook, and `chat.postMessage` for a bot that is in C0000000001 only. */
export const startSlack = () =>
  startReceiver(({ path, headers, body }) => {
    const wrong = wrongInSlack(body);
    if (path === SLACK_PATH) return wrong ? { status: 400, body: wrong } : { status: 200, body: "ok", taken: true };
    if (path !== "/api/chat.postMessage") return { status: 403, body: "invalid_token" };
    const error =
      headers.authorization !== `Bearer ${SLACK_TOKEN}`
        ? "invalid_auth"
        : body?.channel !== "C0000000001"
          ? "channel_not_found"
          : wrong;
    return { status: 200, body: JSON.stringify(error ? { ok: false, error } : { ok: true, ts: "1.2" }), taken: !error };
  });

// biome-ignore lint/suspicious/noExplicitAny: a body of JSON, as it came.
function wrongInSlack(body: any): string | undefined {
  if (!body) return "invalid_payload";
  if (!body.text && !body.blocks) return "no_text";
  if (body.blocks.length > 50 || JSON.stringify(body.blocks).length > 13_000) return "msg_blocks_too_long";
  const texts = body.blocks.flatMap(
    ({ type, elements }: { type: string; elements: { elements: { text: string }[] }[] }) =>
      type === "rich_text" ? elements.flatMap((section) => section.elements.map(({ text }) => text)) : [],
  );
  return texts.length > 0 && texts.every((text: unknown) => typeof text === "string" && text !== "")
    ? undefined
    : "invalid_blocks";
}
