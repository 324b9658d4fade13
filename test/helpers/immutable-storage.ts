import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { startAzurite } from "../../local/azurite.ts";

/** What the blob service keeps a blob by. */
interface Protection {
  until?: string;
  mode?: string;
  isHeld: boolean;
}

/** A version of a blob that was removed: the service keeps it until it is removed itself. */
const VERSION = "2026-01-05T09:00:00.0000000Z";

/**
 * Azurite, and before it what Azurite lacks of the blob service: a container in which single blobs are given policies and
 * legal holds, and in which a blob that is removed stays as a version.
 *
 * @see https://learn.microsoft.com/en-us/azure/storage/blobs/immutable-version-level-worm-policies
 * @see https://learn.microsoft.com/en-us/rest/api/storageservices/set-blob-legal-hold
 */
export async function startImmutableStorage() {
  const azurite = await startAzurite();
  const target = /BlobEndpoint=(http:[^;]+);/.exec(azurite.connectionString)?.[1] ?? "";
  const protections = new Map<string, Protection>();
  const versions = new Set<string>();
  let refusals = 0;

  const server = createServer((received, answer) => {
    const { pathname, searchParams } = new URL(received.url ?? "/", target);
    const { method, headers } = received;
    const comp = searchParams.get("comp");
    const protection = protections.get(pathname) ?? { isHeld: false };

    if (method === "PUT" && comp === "legalhold") {
      protections.set(pathname, { ...protection, isHeld: headers["x-ms-legal-hold"] === "true" });
      received.resume();
      return answer.writeHead(200, { "x-ms-legal-hold": String(headers["x-ms-legal-hold"]) }).end();
    }
    if (method === "DELETE" && searchParams.has("versionid")) {
      const isKept = protection.isHeld || Date.parse(protection.until ?? "") > Date.now() || refusals-- > 0;
      if (isKept) return answer.writeHead(409, { "x-ms-error-code": "BlobImmutableDueToPolicy" }).end();
      versions.delete(pathname);
      return answer.writeHead(202).end();
    }
    if (comp === "list" && searchParams.get("include") === "versions") {
      return answer.writeHead(200, { "content-type": "application/xml" }).end(listOf(pathname, versions));
    }
    if (method === "DELETE") versions.add(pathname);
    if (method === "PUT" && comp === "blocklist") protections.set(pathname, policyOf(headers));
    const isContainer = searchParams.get("restype") === "container" && method === "GET" && comp === null;
    passOn(received, answer, target, {
      ...(isContainer && { "x-ms-immutable-storage-with-versioning-enabled": "true" }),
      ...(method === "HEAD" && { "x-ms-legal-hold": String(protection.isHeld) }),
      ...(method === "HEAD" && protection.until && { "x-ms-immutability-policy-until-date": protection.until }),
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;

  return {
    connectionString: azurite.connectionString.replace(new URL(target).host, `127.0.0.1:${port}`),
    /** What the service keeps a blob by, by the end of its path. */
    protectionOf: (path: string) => [...protections].find(([known]) => known.endsWith(path))?.[1],
    /** Whether a version is left of a blob that was removed. */
    hasVersion: (path: string) => [...versions].some((known) => known.endsWith(path)),
    /** Refuses to remove the next version. */
    refuseOnce() {
      refusals = 1;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await azurite.stop();
    },
  };
}

/** The versions in a container, as the service lists them. */
function listOf(container: string, versions: ReadonlySet<string>): string {
  const names = [...versions]
    .filter((path) => path.startsWith(`${container}/`))
    .map((path) => path.slice(container.length + 1));
  const blobs = names.map(
    (name) => `<Blob><Name>${decodeURIComponent(name)}</Name><VersionId>${VERSION}</VersionId><Properties/></Blob>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${blobs.join("")}</Blobs><NextMarker/></EnumerationResults>`;
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
