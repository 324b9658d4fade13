import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { listEvidence, showEvidence } from "../../../shared/evidence/list-evidence.ts";
import { readEvidence } from "../../../shared/evidence/read-evidence.ts";
import { verifyEvidence } from "../../../shared/evidence/verify-evidence.ts";
import { MACHINE_ID } from "../../helpers/builders.ts";
import { aDownload, aPiece, evidenceIn, PIECE_NAME } from "../../helpers/evidence.ts";

const content = Buffer.from("the package");
const sha256 = createHash("sha256").update(content).digest("hex");

let azurite: Azurite;
let containers = 0;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

async function stored() {
  const evidence = evidenceIn(azurite.connectionString, `v${++containers}`);
  await evidence.store.store(aPiece(), aDownload([content]));
  return evidence;
}

const lastEntry = async ({ locker }: Awaited<ReturnType<typeof stored>>) =>
  (await showEvidence(locker, PIECE_NAME))?.custody.at(-1);

test("finds a piece as it was stored, and its record says who looked", async () => {
  const evidence = await stored();
  const verdict = { name: PIECE_NAME, verdict: "same", sha256, problems: [] };
  expect(await verifyEvidence(evidence.locker, PIECE_NAME, "ana")).toEqual(verdict);
  expect(await lastEntry(evidence)).toMatchObject({ event: "verified", by: "ana", outcome: "same", sha256 });
});

test("finds a piece that was changed, even where the hash beside it was changed too", async () => {
  const evidence = await stored();
  const forged = Buffer.from("another one");
  const forgedHash = createHash("sha256").update(forged).digest("hex");
  await evidence.pieceBlob(PIECE_NAME).upload(forged, forged.byteLength, { metadata: { sha256: forgedHash } });

  const verified = await verifyEvidence(evidence.locker, PIECE_NAME, "ana");
  expect(verified).toMatchObject({ verdict: "differs", sha256: forgedHash });
  expect(verified.problems).toEqual([
    `Its SHA-256 is ${forgedHash} (11 bytes), and on record stands ${sha256} (11 bytes).`,
    `The SHA-256 that stands beside the blob is ${forgedHash}, and not that on record.`,
  ]);
  expect(await lastEntry(evidence)).toMatchObject({ outcome: "differs", sha256: forgedHash });
});

test("finds a record that was changed to fit", async () => {
  const { locker, custodyBlob } = await stored();
  const record = (await custodyBlob(PIECE_NAME).downloadToBuffer())
    .toString()
    .replace("fin-laptop-07", "fin-laptop-08");
  await custodyBlob(PIECE_NAME).create();
  await custodyBlob(PIECE_NAME).appendBlock(record, Buffer.byteLength(record));

  expect(await verifyEvidence(locker, PIECE_NAME, "ana")).toMatchObject({
    verdict: "same",
    problems: ["Entry 1 of the custody record was changed after it was written."],
  });
});

test("finds a piece that is gone, and one that no record tells of", async () => {
  const { locker, pieceBlob } = await stored();
  await pieceBlob(PIECE_NAME).delete();
  await pieceBlob("stray.zip").upload("x", 1);

  expect(await verifyEvidence(locker, PIECE_NAME, "ana")).toMatchObject({
    verdict: "missing",
    problems: ["It is on record and is not there."],
  });
  expect(await verifyEvidence(locker, "stray.zip", "ana")).toMatchObject({
    verdict: "not on record",
    problems: ["No record tells how it came here."],
  });
  await expect(verifyEvidence(locker, "none.zip", "ana")).rejects.toMatchObject({ code: "EvidenceNotFound" });
});

test("lists what is there with where it comes from, the newest first, and by machine", async () => {
  const { locker, pieceBlob } = await stored();
  await pieceBlob("stray.zip").upload("x", 1);

  expect(await listEvidence(locker)).toMatchObject([
    {
      name: PIECE_NAME,
      kind: "investigation-package",
      machineName: "fin-laptop-07.contoso.example",
      bytes: 11,
      sha256,
      keepUntil: "2026-02-04T09:00:00.000Z",
      isHeld: false,
      problems: [],
    },
    { name: "stray.zip", keepUntil: null, problems: ["There is no record of how it came here."] },
  ]);
  expect((await listEvidence(locker, MACHINE_ID)).map(({ name }) => name)).toEqual([PIECE_NAME]);
});

test("gives a piece out once it is on record who reads it, and says when it is not what was stored", async () => {
  const evidence = await stored();
  const read = async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of readEvidence(evidence.locker, PIECE_NAME, { by: "ana", reason: "analysis" })) {
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString();
  };

  expect(await read()).toBe("the package");
  expect(await lastEntry(evidence)).toMatchObject({ event: "read", by: "ana", reason: "analysis" });
  await evidence.pieceBlob(PIECE_NAME).upload("another", 7);
  await expect(read()).rejects.toMatchObject({ code: "EvidenceDiffers" });
});
