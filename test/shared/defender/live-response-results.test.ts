import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { download } from "../../../shared/defender/download.ts";
import { createLiveResponse } from "../../../shared/defender/live-response/client.ts";
import { unpack } from "../../../shared/defender/live-response/unpack.ts";
import { MachineActionId } from "../../../shared/defender/machine-actions/machine-action.ts";
import { createSend } from "../../../shared/defender/send.ts";
import { ISOLATION_ID } from "../../helpers/builders.ts";

const machineActionId = MachineActionId.parse(ISOLATION_ID);

/** Defender, which gives out one link, and the storage it leads to, which gives out what it is told. */
async function resultStore(content: Uint8Array | string, { status = 200, headers = {} } = {}) {
  const seen: { path: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? "", authorization: request.headers.authorization });
    if (request.url?.startsWith("/api/")) response.end(JSON.stringify({ value: `${url}/blob?sig=secret` }));
    else response.writeHead(status, headers).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const service = { apiUrl: url, scope: "scope" };
  const credential = { getToken: async () => ({ token: "our-token", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const send = createSend({ services: { defender: service, xdr: service, graph: service }, credential });
  return {
    url,
    seen,
    liveResponse: createLiveResponse(send),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const transcript = {
  script_name: "minidump.ps1",
  exit_code: 3,
  script_output: "Transcript started\r\nPS>",
  script_errors: "",
};

async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

test("asks for the result by the index of its command, and our token does not go to the storage", async () => {
  await using store = await resultStore(JSON.stringify(transcript));

  expect(await store.liveResponse.transcript(machineActionId, 1)).toEqual(transcript);
  expect(store.seen).toEqual([
    {
      path: `/api/machineactions/${machineActionId}/GetLiveResponseResultDownloadLink(index=1)`,
      authorization: "Bearer our-token",
    },
    { path: "/blob?sig=secret", authorization: undefined },
  ]);
});

describe("a transcript", () => {
  test.each([
    ["compressed", gzipSync(JSON.stringify(transcript))],
    ["with a byte order mark", `\uFEFF${JSON.stringify(transcript)}`],
  ])("is read also %s", async (_, content) => {
    await using store = await resultStore(content);
    expect(await store.liveResponse.transcript(machineActionId, 0)).toEqual(transcript);
  });

  test("keeps what Microsoft adds to it", async () => {
    const more = { ...transcript, exit_code: null, script_duration: 12 };
    await using store = await resultStore(JSON.stringify(more));
    expect(await store.liveResponse.transcript(machineActionId, 0)).toEqual(more);
  });

  test.each([
    ["a file", Buffer.from([0x4d, 0x5a, 0x90, 0x00])],
    ["cut off", gzipSync(JSON.stringify(transcript)).subarray(0, 40)],
    ["another JSON", "[1]"],
  ])("is refused for good when it is %s", async (_, content) => {
    await using store = await resultStore(content);
    await expect(store.liveResponse.transcript(machineActionId, 0)).rejects.toMatchObject({ code: "UnreadableResult" });
  });

  test("is refused when it would unpack to more than a machine in good hands sends", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    await using store = await resultStore(bomb);
    await expect(store.liveResponse.transcript(machineActionId, 0)).rejects.toMatchObject({ code: "ResultTooLarge" });
  });

  test("is asked for again when the link has lapsed, and the link stays out of the message", async () => {
    await using store = await resultStore("", { status: 403 });
    const error = await store.liveResponse.transcript(machineActionId, 0).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ name: "Error", message: expect.stringContaining("lapsed") });
    expect(String(error) + String((error as Error).cause)).not.toContain("secret");
  });
});

describe("a file", () => {
  test("comes byte for byte as Defender hands it out", async () => {
    const content = gzipSync("the file");
    await using store = await resultStore(content);
    expect(await gathered(store.liveResponse.result(machineActionId, 0, { atMostBytes: 1_000 }))).toEqual(content);
  });

  test("ends where it is larger than it may be, however small it comes over the line", async () => {
    await using store = await resultStore(gzipSync(Buffer.alloc(4_000_000)), {
      headers: { "content-encoding": "gzip" },
    });
    const pieces = download(`${store.url}/blob`, { atMostBytes: 1_000_000, timeoutMs: 5_000 });
    await expect(gathered(pieces)).rejects.toMatchObject({ code: "ResultTooLarge" });
  });

  test("is unpacked to its limit and not beyond", async () => {
    const packed = gzipSync(Buffer.alloc(1_000, 7));
    expect(await unpack(packed, 1_000)).toHaveLength(1_000);
    await expect(unpack(packed, 999)).rejects.toMatchObject({ code: "ResultTooLarge" });
  });
});
