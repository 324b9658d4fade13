import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../local/azurite.ts";
import { createLazyTable } from "../../shared/storage/lazy-table.ts";

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const tableNamed = (name: string) =>
  createLazyTable(TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true }));
const row = (rowKey: string, more: object = {}) => ({ partitionKey: "p", rowKey, ...more });

test("finds no row in a table that nobody has written to", async () => {
  expect(await tableNamed("empty").get("p", "a")).toBeUndefined();
});

test("changes all rows or none, also in a table that is not there yet", async () => {
  const table = tableNamed("changes");

  expect(await table.change([{ insert: row("a", { n: 1 }) }, { upsert: row("b") }])).toBe(true);
  expect(await table.change([{ upsert: row("c") }, { insert: row("a") }])).toBe(false);
  expect(await table.get("p", "c")).toBeUndefined();
});

test("replaces a row only while it is as it was read", async () => {
  const table = tableNamed("replaced");
  await table.insert(row("a", { n: 1 }));
  const read = await table.get<{ n: number }>("p", "a");
  const etag = read?.etag ?? "";

  const both = await Promise.all([2, 3].map((n) => table.change([{ replace: row("a", { n }), etag }])));
  expect(both.filter(Boolean)).toHaveLength(1);
});

test("lists the rows whose keys begin so, and those after one", async () => {
  const table = tableNamed("ranges");
  await table.change(["a:1", "a:2", "a:3", "b:1"].map((key) => ({ insert: row(key) })));
  const keys = async (range: object) =>
    (await table.ofPartition<{ rowKey: string }>("p", range)).map(({ rowKey }) => rowKey);

  expect(await keys({ prefix: "a:" })).toEqual(["a:1", "a:2", "a:3"]);
  expect(await keys({ prefix: "a:", after: "a:1" })).toEqual(["a:2", "a:3"]);
  expect(await keys({ after: "a:3" })).toEqual(["b:1"]);
  expect(await keys({})).toHaveLength(4);
});

test("removes what was last written before a time, and keeps what was written since", async () => {
  const table = tableNamed("old");
  expect(await table.removeOlderThan(new Date())).toBe(0);
  await table.change([{ insert: row("a") }, { insert: row("b") }]);
  const inAnHour = new Date(Date.now() + 3_600_000);

  expect(await table.removeOlderThan(new Date(Date.now() - 3_600_000))).toBe(0);
  expect(await table.removeOlderThan(inAnHour)).toBe(2);
  expect(await table.ofPartition("p")).toEqual([]);
});
