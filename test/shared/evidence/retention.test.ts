import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { holdEvidence, unholdEvidence } from "../../../shared/evidence/hold-evidence.ts";
import { showEvidence } from "../../../shared/evidence/list-evidence.ts";
import { purgeEvidence } from "../../../shared/evidence/purge-evidence.ts";
import { COLLECTION_ID, MACHINE_ID } from "../../helpers/builders.ts";
import { aDownload, aPiece, evidenceIn, PIECE_NAME } from "../../helpers/evidence.ts";
import { startImmutableStorage } from "../../helpers/immutable-storage.ts";

const OTHER_NAME = `${MACHINE_ID}/${COLLECTION_ID}-0`;
const AFTER_RETENTION = new Date("2026-02-04T09:00:01Z");
const RETENTION_ENDED = "Its retention ended at 2026-02-04T09:00:00.000Z";
const ana = { by: "ana", reason: "case 42" };
const app = { by: "the app" };

let containers = 0;
async function stored(connectionString: string, settings = {}) {
  const evidence = evidenceIn(connectionString, `r${++containers}`, settings);
  await evidence.store.store(aPiece(), aDownload([Buffer.from("the package")]));
  return evidence;
}

const eventsOf = async ({ locker }: Awaited<ReturnType<typeof stored>>, name = PIECE_NAME) =>
  (await showEvidence(locker, name))?.custody.map(({ event, by }) => `${event} by ${by}`);

describe("where the app itself keeps evidence", () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.stop());

  test("a purge leaves alone what its retention keeps, to the second", async () => {
    const { locker, clock, store } = await stored(azurite.connectionString);
    clock.now = new Date("2026-02-04T08:59:59Z");

    expect(await purgeEvidence(locker, app)).toEqual([]);
    expect(await store.find(PIECE_NAME)).toBeDefined();
  });

  test("a purge removes what is past its retention, and the record stays and says so", async () => {
    const evidence = await stored(azurite.connectionString);
    const { locker, clock, store, pieces } = evidence;
    clock.now = AFTER_RETENTION;

    expect(await purgeEvidence(locker, app)).toEqual([
      { name: PIECE_NAME, outcome: "purged", reason: RETENTION_ENDED },
    ]);
    expect(await pieces.names()).toEqual([]);
    expect(await eventsOf(evidence)).toEqual(["stored by app 1234", "purged by the app"]);
    expect(await purgeEvidence(locker, app)).toEqual([]);
    await expect(store.store(aPiece(), aDownload([]))).rejects.toMatchObject({
      code: "EvidenceGone",
      message: expect.stringContaining("was purged at 2026-02-04T09:00:01.000Z"),
    });
  });

  test("a look before it removes nothing and writes nothing", async () => {
    const evidence = await stored(azurite.connectionString);
    evidence.clock.now = AFTER_RETENTION;

    expect(await purgeEvidence(evidence.locker, { ...app, isDry: true })).toMatchObject([{ outcome: "due" }]);
    expect(await evidence.store.find(PIECE_NAME)).toBeDefined();
    expect(await eventsOf(evidence)).toEqual(["stored by app 1234"]);
  });

  test("a legal hold keeps a piece beyond its retention, until it ends; both are on record once", async () => {
    const evidence = await stored(azurite.connectionString);
    const { locker, clock } = evidence;
    await holdEvidence(locker, PIECE_NAME, ana);
    await holdEvidence(locker, PIECE_NAME, { by: "ben", reason: "again" });
    clock.now = AFTER_RETENTION;

    expect(await purgeEvidence(locker, app)).toMatchObject([{ outcome: "kept", reason: "It is on legal hold" }]);
    await unholdEvidence(locker, PIECE_NAME, ana);
    await unholdEvidence(locker, PIECE_NAME, ana);
    expect(await purgeEvidence(locker, app)).toMatchObject([{ outcome: "purged" }]);
    expect(await eventsOf(evidence)).toEqual([
      "stored by app 1234",
      "held by ana",
      "unheld by ana",
      "purged by the app",
    ]);
  });

  test("of a hold and a purge at the same moment one wins, and what is held is there", async () => {
    const evidence = await stored(azurite.connectionString);
    const { locker, clock, store } = evidence;
    clock.now = AFTER_RETENTION;

    const [held] = await Promise.allSettled([holdEvidence(locker, PIECE_NAME, ana), purgeEvidence(locker, app)]);
    const isThere = (await store.find(PIECE_NAME)) !== undefined;
    expect(isThere).toBe(held.status === "fulfilled");
    expect(await eventsOf(evidence)).toHaveLength(2);
  });

  test("brings a purge to its end that was interrupted after it went on record", async () => {
    const { locker, clock, custody, pieces } = await stored(azurite.connectionString);
    clock.now = AFTER_RETENTION;
    const at = clock.now.toISOString();
    await custody.append(PIECE_NAME, () => ({ event: "purged", at, ...ana }));

    expect(await purgeEvidence(locker, app)).toMatchObject([{ outcome: "purged" }]);
    expect(await pieces.names()).toEqual([]);
  });

  test("keeps for good what was stored without an end", async () => {
    const { locker, clock } = await stored(azurite.connectionString, { retentionDays: undefined });
    clock.now = new Date("2126-01-01T00:00:00Z");

    expect(await purgeEvidence(locker, app)).toEqual([]);
  });

  test("does not purge what a changed record says is past its retention, and goes on with the others", async () => {
    const { locker, store, custodyBlob, clock } = await stored(azurite.connectionString);
    await store.store(aPiece({ name: OTHER_NAME, kind: "live-response-result" }), aDownload([Buffer.from("file")]));
    const record = (await custodyBlob(PIECE_NAME).downloadToBuffer()).toString().replace("2026-02-04", "2026-01-01");
    await custodyBlob(PIECE_NAME).create();
    await custodyBlob(PIECE_NAME).appendBlock(record, Buffer.byteLength(record));
    clock.now = AFTER_RETENTION;

    expect(await purgeEvidence(locker, app)).toEqual([
      { name: OTHER_NAME, outcome: "purged", reason: RETENTION_ENDED },
      { name: PIECE_NAME, outcome: "kept", reason: expect.stringMatching(/A person must look .* was changed/) },
    ]);
  });

  test("says that there is nothing to hold", async () => {
    const { locker } = await stored(azurite.connectionString);
    await expect(holdEvidence(locker, "no/such", ana)).rejects.toMatchObject({ code: "EvidenceNotFound" });
    await expect(holdEvidence(locker, "../no", ana)).rejects.toMatchObject({ code: "EvidenceNotFound" });
  });
});

describe("where the blob service can keep single blobs", () => {
  let storage: Awaited<ReturnType<typeof startImmutableStorage>>;
  beforeAll(async () => {
    storage = await startImmutableStorage();
  });
  afterAll(() => storage.stop());

  test("a piece is under a policy from the moment it appears, and its record says who keeps it", async () => {
    const evidence = await stored(storage.connectionString, { retentionDays: 100_000, policyMode: "Locked" });

    expect(storage.protectionOf(PIECE_NAME)).toEqual({
      isHeld: false,
      mode: "Locked",
      until: "Sat, 21 Oct 2299 09:00:00 GMT",
    });
    expect(await showEvidence(evidence.locker, PIECE_NAME)).toMatchObject({ keptBy: "blob service" });
  });

  test("a legal hold is the service's own, and is given back", async () => {
    const { locker, pieces } = await stored(storage.connectionString, { retentionDays: undefined });

    await holdEvidence(locker, PIECE_NAME, ana);
    expect(await pieces.find(PIECE_NAME)).toMatchObject({ isHeldByService: true });
    await unholdEvidence(locker, PIECE_NAME, ana);
    expect(await pieces.find(PIECE_NAME)).toMatchObject({ isHeldByService: false });
  });

  test("a purge keeps what the service keeps, whatever the record says", async () => {
    const { locker, clock, pieces } = await stored(storage.connectionString, { retentionDays: 100_000 });
    clock.now = new Date("2299-10-21T09:00:01Z");
    await pieces.setHold(PIECE_NAME, true);
    expect(await purgeEvidence(locker, app)).toMatchObject([
      { outcome: "kept", reason: "The blob service has it on legal hold" },
    ]);
  });

  test("a purge removes what neither keeps, to the last version, also where it was interrupted before that", async () => {
    const { locker, clock, pieces } = await stored(storage.connectionString);
    const path = `${pieces.container}/${PIECE_NAME}`;
    clock.now = AFTER_RETENTION;
    storage.refuseOnce();

    expect(await purgeEvidence(locker, app)).toMatchObject([{ outcome: "failed" }]);
    expect(storage.hasVersion(path)).toBe(true);
    expect(await purgeEvidence(locker, app)).toMatchObject([{ outcome: "purged" }]);
    expect(storage.hasVersion(path)).toBe(false);
    expect(await purgeEvidence(locker, app)).toEqual([]);
  });
});
