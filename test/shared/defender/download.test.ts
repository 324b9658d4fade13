import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { download } from "../../../shared/defender/download.ts";

const content = Buffer.alloc(300_000, "evidence ");
const md5Of = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("base64");

/** A storage account that answers as it is told, and what was downloaded of it. */
async function downloaded(answer: (response: ServerResponse) => void, atMostBytes = 1_000_000) {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const link = `http://127.0.0.1:${(server.address() as AddressInfo).port}/p.zip?sig=secret`;
  const limits = { atMostBytes, advice: "EVIDENCE_MAX_MB is 1: raise it.", timeoutMs: 5_000 };
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of download(link, limits)) pieces.push(piece);
    return { content: Buffer.concat(pieces), error: undefined };
  } catch (thrown) {
    return { content: Buffer.concat(pieces), error: thrown as Error & { code?: string } };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const headers = { "content-length": content.byteLength, "content-md5": md5Of(content) };

test("gives what the storage has, byte for byte", async () => {
  const got = await downloaded((response) => response.writeHead(200, headers).end(content));
  expect(got.error).toBeUndefined();
  expect(got.content.equals(content)).toBe(true);
});

test.each<[string, (response: ServerResponse) => void]>([
  ["less comes than the storage says there is", (response) => breakOff(response.writeHead(200, headers))],
  ["the line breaks between two chunks", (response) => breakOff(response.writeHead(200))],
  [
    "what comes has another MD5",
    (response) => response.writeHead(200, { ...headers, "content-md5": md5Of(Buffer.from("other")) }).end(content),
  ],
  [
    "the storage does not say how much there is, as then an end and a broken line look the same",
    (response) => {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { connection: "close" }).end(content);
    },
  ],
  ["a part of it is answered", (response) => response.writeHead(206, headers).end(content)],
  ["the link has lapsed", (response) => response.writeHead(403).end()],
])("fails where %s, to be tried again, without the link in the message", async (_, answer) => {
  const { error } = await downloaded(answer);
  expect(error).toMatchObject({
    name: "Error",
    message: expect.stringContaining("The download could not be completed"),
  });
  expect(String(error)).not.toContain("secret");
});

test("reads nothing of what is said to be larger than it may be, and says how to raise the limit", async () => {
  const { content: got, error } = await downloaded((response) => response.writeHead(200, headers).end(content), 1_000);
  expect(got).toHaveLength(0);
  expect(error).toMatchObject({
    code: "ResultTooLarge",
    message: "The download has more than 1000 bytes. EVIDENCE_MAX_MB is 1: raise it.",
  });
});

/** Half of it, and then the line is gone. */
function breakOff(response: ServerResponse): void {
  response.write(content.subarray(0, 150_000), () => response.destroy());
}
