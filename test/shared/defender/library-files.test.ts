import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { libraryFileCalls } from "../../../shared/defender/library-files/calls.ts";
import { createLibraryFiles, LARGEST_LIBRARY_FILE_BYTES } from "../../../shared/defender/library-files/client.ts";
import { LibraryFile, LibraryFileName } from "../../../shared/defender/library-files/library-file.ts";
import { createSend } from "../../../shared/defender/send.ts";
import { contractFor } from "../../helpers/contract.ts";
import { simulatedDefender } from "../../helpers/defender.ts";

contractFor(libraryFileCalls);

const fileName = LibraryFileName.parse("minidump.ps1");
const content = new TextEncoder().encode("Get-Process\nexit 0\n");
const sha256 = createHash("sha256").update(content).digest("hex");
const library = "/api/libraryfiles";

test("a file that is uploaded is listed, and is gone when it is deleted", async () => {
  await using defender = await simulatedDefender();
  const { libraryFiles } = defender.defender;

  const uploaded = await libraryFiles.upload({ fileName, content, description: "Process memory dump" });
  expect(uploaded).toMatchObject({ fileName, sha256 });
  expect(await libraryFiles.list()).toMatchObject([{ fileName, sha256, description: "Process memory dump" }]);

  expect(await libraryFiles.delete(fileName)).toBeUndefined();
  expect(await libraryFiles.list()).toEqual([]);
  await expect(libraryFiles.delete(fileName)).rejects.toMatchObject({ name: "DefenderNotFoundError" });
});

test("a file that is there is replaced only where that is said", async () => {
  await using defender = await simulatedDefender();
  const { libraryFiles } = defender.defender;
  await libraryFiles.upload({ fileName, content: new TextEncoder().encode("exit 1") });

  await expect(libraryFiles.upload({ fileName, content })).rejects.toMatchObject({ name: "DefenderRefusedError" });
  expect(await libraryFiles.upload({ fileName, content, overrideIfExists: true })).toMatchObject({ sha256 });
});

test("the list is asked for without options of OData, as its page documents none", async () => {
  await using defender = await simulatedDefender();
  await defender.defender.libraryFiles.list();
  const [list] = await defender.simulator.journal({ method: "GET", path: library });
  expect(list?.query).toBeUndefined();
});

test.each([
  [403, "Forbidden", "DefenderRefusedError"],
  [429, "TooManyRequests", "DefenderThrottledError"],
])("an upload is refused with %s %s, and not sent again", async (status, code, name) => {
  await using defender = await simulatedDefender();
  await defender.simulator.fault({ method: "POST", path: library, effect: "answer", status, code });

  await expect(defender.defender.libraryFiles.upload({ fileName, content })).rejects.toMatchObject({ name });
  expect(await defender.simulator.journal({ method: "POST", path: library })).toHaveLength(1);
});

test("an upload is a form with the file and its fields", async () => {
  const received: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    received.push({ headers: request.headers, body: Buffer.concat(pieces) });
    response.end(JSON.stringify({ fileName, sha256 }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const service = { apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, scope: "scope" };
  const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  const send = createSend({ services: { defender: service, xdr: service, graph: service }, credential });
  const upload = { fileName, content, description: "Dump", parametersDescription: "a name", overrideIfExists: true };

  await createLibraryFiles(send).upload(upload);
  server.close();
  server.closeAllConnections();

  const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = received;
  const form = await new Response(new Uint8Array(body), {
    headers: { "content-type": headers["content-type"] ?? "" },
  }).formData();
  const file = form.get("File") as File;
  expect([file.name, new Uint8Array(await file.arrayBuffer())]).toEqual([fileName, content]);
  form.delete("File");
  expect(Object.fromEntries(form)).toEqual({
    Description: "Dump",
    ParametersDescription: "a name",
    HasParameters: "true",
    OverrideIfExists: "true",
  });
});

test("a file of more than 20 MB is refused before anything is sent", async () => {
  await using defender = await simulatedDefender();
  const tooLarge = new Uint8Array(LARGEST_LIBRARY_FILE_BYTES + 1);

  await expect(defender.defender.libraryFiles.upload({ fileName, content: tooLarge })).rejects.toMatchObject({
    code: "FileTooLarge",
  });
  expect(await defender.simulator.journal({ path: library })).toEqual([]);
});

test("names that are no file names are refused, those that lead elsewhere among them", () => {
  const isName = (name: string) => LibraryFileName.safeParse(name).success;
  expect(["collect.ps1", "mem-dump_2.exe", "a"].filter((name) => !isName(name))).toEqual([]);
  expect(["", ".", "..", "../x.ps1", "a b.ps1", "ü.ps1", "x/y", "x".repeat(300)].filter(isName)).toEqual([]);
});

test("keeps what Microsoft adds to a library file", () => {
  const given = { fileName: "a.ps1", description: null, platform: "Windows" };
  expect(LibraryFile.parse(given)).toEqual(given);
});
