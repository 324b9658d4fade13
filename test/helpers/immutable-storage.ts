import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { startAzurite } from "../../local/azurite.ts";

/** What the blob service keeps a blob by. */
interface Protection {
  until?: string;
  mode?: string;
  isHeld: boolean;
}

/**
 * Azurite, and before it what Azurite lacks of the blob service: containers in which single blobs are given policies and
 * legal holds, and tell of them. It keeps nothing by them.
 *
 * @see https://learn.microsoft.com/en-us/rest/api/storageservices/set-blob-immutability-policy
 * @see https://learn.microsoft.com/en-us/rest/api/storageservices/set-blob-legal-hold
 */
export async function startImmutableStorage() {
  const azurite = await startAzurite();
  const target = /BlobEndpoint=(http:[^;]+);/.exec(azurite.connectionString)?.[1] ?? "";
  const protections = new Map<string, Protection>();
  const server = createServer((received, answer) => {
    const { pathname, searchParams } = new URL(received.url ?? "/", target);
    const protection = protections.get(pathname) ?? { isHeld: false };
    const { method } = received;
    const comp = searchParams.get("comp");

    if (method === "PUT" && comp === "legalhold") {
      protections.set(pathname, { ...protection, isHeld: received.headers["x-ms-legal-hold"] === "true" });
      received.resume();
      answer.writeHead(200, { "x-ms-legal-hold": String(received.headers["x-ms-legal-hold"]) }).end();
      return;
    }
    if (method === "PUT" && comp === "blocklist") protections.set(pathname, policyOf(received.headers));
    const more: Record<string, string> = {};
    if (searchParams.get("restype") === "container" && method === "GET" && comp === null) {
      more["x-ms-immutable-storage-with-versioning-enabled"] = "true";
    }
    if (method === "HEAD" && protections.has(pathname)) {
      more["x-ms-legal-hold"] = String(protection.isHeld);
      if (protection.until) more["x-ms-immutability-policy-until-date"] = protection.until;
      if (protection.mode) more["x-ms-immutability-policy-mode"] = protection.mode;
    }
    passOn(received, answer, target, more);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;

  return {
    connectionString: azurite.connectionString.replace(new URL(target).host, `127.0.0.1:${port}`),
    /** What the service keeps a blob by, by the end of its name. */
    protectionOf: (name: string) => [...protections].find(([path]) => path.endsWith(name))?.[1],
    async stop() {
      server.closeAllConnections();
      server.close();
      await azurite.stop();
    },
  };
}

function policyOf(headers: IncomingHttpHeaders): Protection {
  const until = headers["x-ms-immutability-policy-until-date"];
  const mode = headers["x-ms-immutability-policy-mode"];
  return { isHeld: false, ...(until && { until: String(until) }), ...(mode && { mode: String(mode) }) };
}

function passOn(received: IncomingMessage, answer: ServerResponse, target: string, more: Record<string, string>): void {
  const { method, headers } = received;
  const forward = request(new URL(received.url ?? "/", target), { method, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 500, { ...reply.headers, ...more });
    reply.pipe(answer);
  });
  forward.on("error", () => answer.destroy());
  received.pipe(forward);
}
