import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { standingOf } from "../../../shared/evidence/custody-record.ts";
import { ALERT_ID, MACHINE_ID } from "../../helpers/builders.ts";
import { aDownload, aPiece, evidenceIn, PIECE_NAME } from "../../helpers/evidence.ts";

let azurite: Azurite;
let containers = 0;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const evidence = (settings = {}) => evidenceIn(azurite.connectionString, `t${++containers}`, settings);
const sha256Of = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");
const chunk = Buffer.alloc(1_000_000, "package ");
const whole = Buffer.concat(Array(9).fill(chunk));
const nineChunks = () => aDownload(Array(9).fill(chunk));

test("stores a piece with the hash of its whole content, and begins its record with what is known of it", async () => {
  const { store, custody, pieceBlob } = evidence();

  const stored = await store.store(aPiece(), nineChunks());
  expect(stored).toEqual({ container: "t1-evidence", name: PIECE_NAME, bytes: whole.length, sha256: sha256Of(whole) });
  expect(await store.find(PIECE_NAME)).toEqual(stored);
  expect((await pieceBlob(PIECE_NAME).downloadToBuffer()).equals(whole)).toBe(true);

  const record = await custody.read(PIECE_NAME);
  expect(record?.problems).toEqual([]);
  expect(record?.entries).toEqual([
    {
      event: "stored",
      at: "2026-01-05T09:00:00.000Z",
      by: "app 1234",
      piece: expect.objectContaining({ runId: "run-1", alertId: ALERT_ID, machineId: MACHINE_ID }),
      bytes: whole.length,
      sha256: sha256Of(whole),
      storedAt: expect.stringMatching(/Z$/),
      keepUntil: "2026-02-04T09:00:00.000Z",
      keptBy: "app",
    },
  ]);
});

test("takes nothing of a download when a repeated step finds the piece whole, and writes nothing twice", async () => {
  const { store, custody } = evidence();
  const first = await store.store(aPiece(), nineChunks());
  const again = nineChunks();

  expect(await store.store(aPiece({ runId: "run-2" }), again)).toEqual(first);
  expect(again.taken).toBe(0);
  expect((await custody.read(PIECE_NAME))?.entries).toHaveLength(1);
});

test("shows nothing of a download that broke off, and stores the next one whole", async () => {
  const { store, custody } = evidence();
  const broken = aDownload([Buffer.alloc(5_000_000), new Error("connection lost")]);

  await expect(store.store(aPiece(), broken)).rejects.toThrow("connection lost");
  expect(await store.find(PIECE_NAME)).toBeUndefined();
  expect(await custody.read(PIECE_NAME)).toBeUndefined();

  expect(await store.store(aPiece(), nineChunks())).toMatchObject({ sha256: sha256Of(whole) });
});

test("puts a piece on record that was stored whole and whose step was then interrupted", async () => {
  const { store, custody, pieces } = evidence();
  const content = aDownload([Buffer.from("the package")]);
  const writing = { contentType: "application/zip", labels: {}, policyMode: "Unlocked", advice: "" } as const;
  await pieces.write(PIECE_NAME, content, { ...writing, atMostBytes: 1_000, keepUntil: new Date("2026-03-01") });
  expect(await store.find(PIECE_NAME)).toBeUndefined();

  await store.store(aPiece(), nineChunks());
  expect(await store.find(PIECE_NAME)).toMatchObject({ bytes: 11 });
  const { entries = [] } = (await custody.read(PIECE_NAME)) ?? {};
  expect(entries).toMatchObject([{ event: "stored", bytes: 11, keepUntil: "2026-03-01T00:00:00.000Z" }]);
});

test("lets one of two steps that store the same piece at once be first, and gives both the same", async () => {
  const { store, custody, pieceBlob } = evidence();
  const contents = ["a", "b", "c"].map((letter) => Buffer.alloc(9_000_000, letter));

  const stored = await Promise.allSettled(contents.map((content) => store.store(aPiece(), aDownload([content]))));
  // Whose blocks the winner's commit has dropped is tried again, and finds the winner's.
  const settled = await Promise.all(stored.map(() => store.store(aPiece(), aDownload([]))));
  const kept = await pieceBlob(PIECE_NAME).downloadToBuffer();
  expect(new Set(settled.map(({ sha256 }) => sha256))).toEqual(new Set([sha256Of(kept)]));
  expect(contents.some((content) => content.equals(kept))).toBe(true);
  expect((await custody.read(PIECE_NAME))?.entries).toHaveLength(1);
});

test("takes no more than the limit, and says how to raise it", async () => {
  const { store } = evidence({ atMostBytes: 3_000_000 });

  await expect(store.store(aPiece(), nineChunks())).rejects.toMatchObject({
    code: "ResultTooLarge",
    message: "It has more than 3000000 bytes. EVIDENCE_MAX_MB is 100: raise it.",
  });
  expect(await store.find(PIECE_NAME)).toBeUndefined();
});

test.each(["../other", "a/../b", "/etc/passwd", "C:\\Windows\\x", "a//b", "a/%2e%2e/b", ""])(
  "never makes a blob of the hostile name %j",
  async (name) => {
    const { store, pieces } = evidence();
    await expect(store.store({ ...aPiece(), name }, nineChunks())).rejects.toThrow();
    expect(await pieces.names()).toEqual([]);
  },
);

test("keeps what a device calls its file in the record alone, to the letter", async () => {
  const { store, custody } = evidence();
  const path = 'C:\\Users\\..\\"},{"event":"purged"}\n\u202e.exe';
  await store.store(aPiece({ origin: { path } }), aDownload([chunk]));

  const record = await custody.read(PIECE_NAME);
  expect(record && standingOf(record)).toMatchObject({ stored: { piece: { origin: { path } } }, purgedAt: undefined });
  expect(record?.problems).toEqual([]);
});

test("does not bring back under its old record what somebody has removed", async () => {
  const { store, pieceBlob } = evidence();
  await store.store(aPiece(), nineChunks());
  await pieceBlob(PIECE_NAME).delete();

  await expect(store.store(aPiece(), nineChunks())).rejects.toMatchObject({ code: "EvidenceGone" });
});
