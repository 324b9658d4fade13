import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { replayLetter } from "../../../local/dead-letters/replay.ts";
import { createBlobDeadLetterStore } from "../../../shared/dead-letters/dead-letter-store.ts";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const storeNamed = (name: string, now?: () => Date) =>
  createBlobDeadLetterStore(
    BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(name),
    now,
  );
const aLetter = (source: string, body: Uint8Array | string = "{}") => ({ source, reasons: ["odd"], body });

test("gives back what was kept, texts and bytes alike, with when and why", async () => {
  const keptAt = new Date("2026-01-05T09:00:00Z");
  const letters = storeNamed("kept", () => keptAt);
  await letters.keep(aLetter("alerts/0/1", "text"));
  await letters.keep(aLetter("alerts/0/2", new Uint8Array([0xff, 0x00])));

  expect(await letters.get("alerts/0/1")).toEqual({ ...aLetter("alerts/0/1", "text"), keptAt });
  expect(new Uint8Array((await letters.get("alerts/0/2"))?.body as Uint8Array)).toEqual(new Uint8Array([0xff, 0x00]));
  expect(await letters.get("alerts/0/3")).toBeUndefined();
});

test("finds letters by the beginning of their source and by when they were kept", async () => {
  const letters = storeNamed("found");
  for (const source of ["alerts/0/1", "alerts/1/1", "export/1"]) await letters.keep(aLetter(source));
  const anHour = 3_600_000;

  expect((await letters.sources({ prefix: "alerts/" })).sort()).toEqual(["alerts/0/1", "alerts/1/1"]);
  expect(await letters.sources({ from: new Date(Date.now() - anHour) })).toHaveLength(3);
  expect(await letters.sources({ from: new Date(Date.now() + anHour) })).toEqual([]);
  expect(await letters.sources({ before: new Date(Date.now() - anHour) })).toEqual([]);
});

test("has none before the first, and forgets one that is removed, however often", async () => {
  const letters = storeNamed("none");
  expect(await letters.sources()).toEqual([]);
  expect(await letters.get("alerts/0/1")).toBeUndefined();
  await letters.remove("alerts/0/1");

  await letters.keep(aLetter("alerts/0/1"));
  await letters.remove("alerts/0/1");
  await letters.remove("alerts/0/1");
  expect(await letters.sources()).toEqual([]);
});

test("a letter stays as it is when the app cannot take it in", async () => {
  const letters = storeNamed("stays");
  await letters.keep(aLetter("alerts/0/1", "text"));
  const api = { takeIn: () => Promise.reject(new Error("The app does not answer")) };

  await expect(replayLetter("alerts/0/1", { letters, api })).rejects.toThrow("does not answer");
  expect(await letters.get("alerts/0/1")).toMatchObject(aLetter("alerts/0/1", "text"));
});
