import { TableClient } from "@azure/data-tables";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../../local/azurite.ts";
import { anAlertEvidence, anAlertInfo } from "../../../../local/demo/stream-records.ts";
import type { ReadAlerts } from "../../../../shared/intake/take-in.ts";
import { createExportCursors } from "../../../../shared/sources/storage-export/cursors.ts";
import { createExportAccount } from "../../../../shared/sources/storage-export/export-account.ts";
import { type TakeInExport, takeInExport } from "../../../../shared/sources/storage-export/take-in-export.ts";
import { createLazyTable } from "../../../../shared/storage/lazy-table.ts";
import { aLine, type ExportWriter, writeExport } from "../../../helpers/export.ts";
import { seededRandom } from "../../../helpers/random.ts";

const TENANT = "6b7c1f0e-52d4-4c39-9a4e-8f0d2f6f4c11";
const NOW = new Date("2026-01-05T09:30:00Z");
const hour = (at: string) => new Date(`2026-01-${at}:00:00Z`);
const NOTHING = { started: 0, joined: 0, duplicates: 0 };

let azurite: Azurite;
let service: BlobServiceClient;
let writer: ExportWriter;
let tables = 0;

beforeAll(async () => {
  azurite = await startAzurite();
  service = BlobServiceClient.fromConnectionString(azurite.connectionString);
  writer = writeExport(service, TENANT);
});
afterAll(() => azurite.stop());
beforeEach(async () => {
  for await (const { name } of service.listContainers()) {
    const container = service.getContainerClient(name);
    for await (const blob of container.listBlobsFlat()) await container.deleteBlob(blob.name);
  }
});

/** The app at some time, with cursors of its own that outlive it. */
function anApp() {
  const table = createLazyTable(
    TableClient.fromConnectionString(azurite.connectionString, `cursors${++tables}`, { allowInsecureConnection: true }),
  );
  const batches: ReadAlerts[] = [];
  const source: TakeInExport = {
    account: createExportAccount(service),
    cursors: createExportCursors(table),
    takeIn: async (batch) => {
      batches.push(batch);
      return NOTHING;
    },
    lookBackHours: 48,
    until: new Date(NOW.getTime() + 60_000),
    now: () => NOW,
  };
  return {
    tick: (changes: Partial<TakeInExport> = {}) => takeInExport({ ...source, ...changes }),
    /** The ids of the alerts that came in since the last call. */
    alerts: () =>
      batches
        .splice(0)
        .flatMap(({ alerts }) => alerts.map(({ alertId }) => alertId as string))
        .sort(),
    batches,
  };
}

const info = (alertId: string) => aLine(anAlertInfo({ alertId, tenantId: TENANT, at: NOW }));
const evidence = (alertId: string) => aLine(anAlertEvidence({ alertId, tenantId: TENANT, at: NOW }));

test("takes in both alert tables, and what was added since, each row once", async () => {
  const app = anApp();
  await writer.append("AlertInfo", hour("05T09"), info("da1_1") + info("da2_1"));
  await writer.append("AlertEvidence", hour("05T09"), evidence("da3_1"));
  await app.tick();
  expect(app.alerts()).toEqual(["da1_1", "da2_1", "da3_1"]);

  await writer.append("AlertInfo", hour("05T09"), info("da4_1"));
  await app.tick();
  expect(app.alerts()).toEqual(["da4_1"]);

  await app.tick();
  expect(app.alerts()).toEqual([]);
});

test("waits for the end of a line that is still being written", async () => {
  const app = anApp();
  const line = info("da1_1");
  await writer.append("AlertInfo", hour("05T09"), info("da0_1") + line.slice(0, 100));
  await app.tick();
  expect(app.alerts()).toEqual(["da0_1"]);

  await writer.append("AlertInfo", hour("05T09"), line.slice(100));
  await app.tick();
  expect(app.alerts()).toEqual(["da1_1"]);
});

test("takes in what is added while it reads the next time, and nothing twice", async () => {
  const app = anApp();
  await writer.append("AlertInfo", hour("05T09"), info("da1_1"));
  const seen: string[] = [];
  await app.tick({
    takeIn: async ({ alerts }) => {
      seen.push(...alerts.map(({ alertId }) => alertId));
      await writer.append("AlertInfo", hour("05T09"), info("da2_1"));
      return NOTHING;
    },
  });
  await app.tick();

  expect(seen).toEqual(["da1_1"]);
  expect(app.alerts()).toEqual(["da2_1"]);
});

test("looks at hours that have long closed, and at none before the time it looks back", async () => {
  const app = anApp();
  await writer.append("AlertInfo", hour("05T09"), info("da1_1"));
  await writer.append("AlertInfo", hour("03T10"), info("da2_1"));
  await writer.append("AlertInfo", hour("03T07"), info("da3_1"));
  await app.tick();
  expect(app.alerts()).toEqual(["da1_1", "da2_1"]);

  await writer.append("AlertInfo", hour("03T10"), info("da4_1"));
  await app.tick();
  expect(app.alerts()).toEqual(["da4_1"]);
});

test("goes back to where it stood after a stop that was longer than it looks back", async () => {
  const app = anApp();
  await app.tick();
  await writer.append("AlertInfo", hour("05T10"), info("da1_1"));

  const later = hour("15T09");
  await app.tick({ now: () => later, until: hour("15T10") });
  expect(app.alerts()).toEqual(["da1_1"]);
});

test("takes in again what intake could not take in, after all else", async () => {
  const app = anApp();
  await writer.append("AlertInfo", hour("05T09"), info("da1_1"));
  await writer.append("AlertInfo", hour("05T08"), info("da2_1"));
  const seen: string[] = [];
  const failing: TakeInExport["takeIn"] = async ({ alerts }) => {
    if (alerts.some(({ alertId }) => alertId === "da1_1")) throw new Error("storage is down");
    seen.push(...alerts.map(({ alertId }) => alertId));
    return NOTHING;
  };

  await expect(app.tick({ takeIn: failing })).rejects.toThrow("1 export blobs could not be taken in");
  expect(seen).toEqual(["da2_1"]);
  await app.tick();
  expect(app.alerts()).toEqual(["da1_1"]);
});

test("stops when its time is up, and goes on in the middle of the blob", async () => {
  const app = anApp();
  const ids = Array.from({ length: 40 }, (_, index) => `da${10 + index}_1`);
  await writer.append("AlertInfo", hour("05T09"), ids.map(info).join(""));
  const small = { longestLine: 2_000, pieceSize: 3_000 };

  const first = await app.tick({ ...small, until: NOW });
  expect(first).toMatchObject({ blobs: 0, isAll: false });
  let calls = 0;
  const second = await app.tick({ ...small, now: () => (++calls > 3 ? new Date(NOW.getTime() + 90_000) : NOW) });
  expect(second).toMatchObject({ blobs: 1, isAll: false });
  const before = app.alerts();
  expect(before.length).toBeGreaterThan(0);
  expect(before.length).toBeLessThan(ids.length);

  expect(await app.tick(small)).toMatchObject({ isAll: true });
  expect([...before, ...app.alerts()]).toEqual(ids);
});

test("keeps a line that cannot be read by its blob and place, and takes in its neighbours", async () => {
  const app = anApp();
  const first = info("da1_1");
  await writer.append("AlertInfo", hour("05T09"), `${first}not json\r\n${info("da2_1")}`);
  const { rejected } = await app.tick();

  expect(rejected).toBe(1);
  expect(app.batches.flatMap((batch) => batch.rejected)).toMatchObject([
    {
      source: `insights-logs-advancedhunting-alertinfo/${writer.nameOf(hour("05T09"))}/${first.length}`,
      reasons: ["The message is not JSON"],
    },
  ]);
  expect(app.alerts()).toEqual(["da1_1", "da2_1"]);
});

test("keeps the beginning of a line that is too long, without reading it at once", async () => {
  const app = anApp();
  await writer.append("AlertInfo", hour("05T09"), `${"x".repeat(50_000)}\r\n${info("da1_1")}`);
  await app.tick({ longestLine: 2_000, pieceSize: 3_000 });

  const letters = app.batches.flatMap((batch) => batch.rejected);
  expect(letters).toMatchObject([{ reasons: ["The line is longer than 2000 bytes; only its beginning is kept"] }]);
  expect(letters[0]?.body.length).toBe(3_000);
  expect(app.alerts()).toEqual(["da1_1"]);
});

test("reads a blob again that was replaced, by a shorter one or a younger one", async () => {
  const app = anApp();
  await writer.append("AlertInfo", hour("05T09"), info("da1_1") + info("da2_1"));
  await app.tick();
  app.alerts();

  await writer.replace("AlertInfo", hour("05T09"), info("da3_1"));
  await app.tick();
  expect(app.alerts()).toEqual(["da3_1"]);

  // Storage tells times of creation to the second, and the test does not wait for the next one.
  const account = createExportAccount(service);
  const list: typeof account.list = async (...asked) =>
    (await account.list(...asked)).map((blob) => ({ ...blob, createdAt: "2026-01-05T09:31:00.000Z" }));
  await writer.replace("AlertInfo", hour("05T09"), info("da4_1") + info("da5_1"));
  await app.tick({ account: { ...account, list } });
  expect(app.alerts()).toEqual(["da4_1", "da5_1"]);
});

test("finds nothing where Defender has not begun to export", async () => {
  expect(await anApp().tick()).toEqual({ blobs: 0, bytes: 0, rejected: 0, isAll: true });
});

test("loses no row however rows come in and whatever fails on the way, and repeats only what had failed", async () => {
  const random = seededRandom(20260105);
  const app = anApp();
  const hours = [hour("05T09"), hour("05T08"), hour("04T22")];
  const rest = new Map<Date, string>();
  const written: string[] = [];
  const seen = new Map<string, number>();
  let isStorm = true;
  const takeIn: TakeInExport["takeIn"] = async ({ alerts }) => {
    if (isStorm && random() < 0.2) throw new Error("storage is down");
    for (const { alertId } of alerts) seen.set(alertId, (seen.get(alertId) ?? 0) + 1);
    return NOTHING;
  };
  const small = { takeIn, longestLine: 2_000, pieceSize: 2_500 };

  for (let round = 0; round < 40; round++) {
    for (const at of hours) {
      const ids = Array.from(
        { length: Math.floor(random() * 4) },
        (_, index) => `da${round}-${at.getTime()}-${index}_1`,
      );
      const text = (rest.get(at) ?? "") + ids.map(info).join("");
      const cut = Math.floor(random() * (text.length + 1));
      await writer.append("AlertInfo", at, text.slice(0, cut));
      rest.set(at, text.slice(cut));
      written.push(...ids);
    }
    await app.tick({ ...small, until: new Date(NOW.getTime() + (random() < 0.8 ? 60_000 : 0)) }).catch(() => undefined);
  }
  isStorm = false;
  for (const at of hours) await writer.append("AlertInfo", at, rest.get(at) ?? "");
  await app.tick(small);

  expect([...seen.keys()].sort()).toEqual(written.sort());
  expect([...seen.values()].filter((times) => times > 1)).toEqual([]);
}, 60_000);
