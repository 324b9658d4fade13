import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { announceReady, stopGracefully } from "../local/child.ts";
import { createRandom } from "../local/defender/state/seed/random.ts";

/**
 * Hands out one large package, as the storage account does that Defender's links lead to. A process of its own, so that
 * its memory is not counted as the app's.
 */
const CHUNK_BYTES = 1024 ** 2;

const { values } = parseArgs({ options: { bytes: { type: "string", default: "1073741824" } } });
const bytes = Number(values.bytes);
const { below } = createRandom(1);
const chunk = Buffer.from(Uint8Array.from({ length: CHUNK_BYTES }, () => below(256)));

/** The package, each chunk another than the one before. */
function* content(): Generator<Buffer> {
  for (let sent = 0, number = 0; sent < bytes; sent += CHUNK_BYTES, number++) {
    const next = Buffer.from(chunk);
    next.writeUInt32BE(number);
    yield next.subarray(0, Math.min(CHUNK_BYTES, bytes - sent));
  }
}

async function answer(response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "application/zip", "content-length": bytes });
  for (const piece of content()) if (!response.write(piece)) await once(response, "drain");
  response.end();
}

const hash = createHash("sha256");
for (const piece of content()) hash.update(piece);

const server = createServer((_, response) => void answer(response).catch(() => response.destroy()));
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  announceReady({ link: `http://127.0.0.1:${port}/package.zip`, sha256: hash.digest("hex") });
});
stopGracefully(async () => {
  server.closeAllConnections();
  server.close();
});
