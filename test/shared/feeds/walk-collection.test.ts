import { afterEach, expect, test } from "vitest";
import { type Added, startTaxiiServer, type TaxiiHabits } from "../../../local/feeds/taxii-server.ts";
import { createFeedClient } from "../../../shared/feeds/http/feed-client.ts";
import { type Collection, walkCollection } from "../../../shared/feeds/taxii/walk-collection.ts";
import { basic } from "../../../shared/tickets/json-client.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

const call = createFeedClient({ isInternal: true, limits: { atMostBytes: 1_000_000, timeoutMs: 10_000 } });

async function server(habits: Partial<TaxiiHabits> = {}) {
  const started = await startTaxiiServer({ user: "reader", password: "pass", ...habits });
  open.push(started);
  return started;
}

const indicator = (at: number, dateAdded: string): Added => ({
  object: { id: `indicator--${at}`, type: "indicator" },
  dateAdded,
});

/** Ten objects to a stamp, so that the border between two pages runs through a stamp. */
const indicators = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    indicator(at, `2026-03-01T00:00:${String(Math.floor(at / 10)).padStart(2, "0")}Z`),
  );

async function idsOf(collection: Omit<Collection, "headers">, secret = "pass") {
  const walk = walkCollection(call, { headers: { authorization: basic("reader", secret) }, ...collection });
  const ids: string[] = [];
  for (;;) {
    const { done, value } = await walk.next();
    if (done) return { ids, stamp: value };
    ids.push(...value.objects.map((object) => (object as { id: string }).id));
  }
}

test("walks through all indicators of a collection, page by page, and remembers where it ended", async () => {
  const taxii = await server();
  taxii.add(...indicators(25), { object: { id: "malware--1", type: "malware" }, dateAdded: "2026-03-01T00:00:09Z" });

  const { ids, stamp } = await idsOf({ url: taxii.collectionUrl, pageSize: 7 });
  expect(ids).toEqual(indicators(25).map(({ object }) => object.id));
  expect(stamp).toBe("2026-03-01T00:00:02Z");
  expect(taxii.asked).toHaveLength(4);

  taxii.add(indicator(99, "2026-03-02T00:00:00Z"));
  expect(await idsOf({ url: taxii.collectionUrl, addedAfter: stamp })).toEqual({
    ids: ["indicator--99"],
    stamp: "2026-03-02T00:00:00Z",
  });
});

test("a collection without anything new leaves the place where it was", async () => {
  const taxii = await server();
  taxii.add(...indicators(3));
  const addedAfter = "2026-03-01T00:00:00Z";
  expect(await idsOf({ url: taxii.collectionUrl, addedAfter })).toEqual({ ids: [], stamp: addedAfter });
});

test("gets along with servers that take next alone", async () => {
  const taxii = await server({ takesNextAlone: true });
  taxii.add(...indicators(25));
  expect((await idsOf({ url: taxii.collectionUrl, pageSize: 10, sendsAllWithNext: false })).ids).toHaveLength(25);
  await expect(idsOf({ url: taxii.collectionUrl, pageSize: 10 })).rejects.toMatchObject({
    kind: "status",
    status: 400,
  });
});

test("gets along with servers that have one go on from the stamp", async () => {
  const taxii = await server({ goesOnByStamp: true });
  taxii.add(...indicators(30));
  expect((await idsOf({ url: taxii.collectionUrl, pageSize: 10 })).ids).toHaveLength(30);
});

test.each([{ isStuck: true }, { goesOnByStamp: true, isStuck: true }])(
  "a server that makes no progress is given up: %o",
  async (habits) => {
    const taxii = await server(habits);
    taxii.add(...indicators(5));
    await expect(idsOf({ url: taxii.collectionUrl })).rejects.toMatchObject({ kind: "not-data" });
    expect(taxii.asked.length).toBeLessThan(5);
  },
);

test("a wrong password is said as such", async () => {
  const taxii = await server();
  await expect(idsOf({ url: taxii.collectionUrl }, "wrong")).rejects.toThrow("Check the feed's key");
});

test.each(["empty", "truncated", "html", "endless", "error", "redirect-inside", "reset"] as const)(
  "a server whose answer is %s ends the walk, and is never taken for an empty collection",
  async (habit) => {
    const taxii = await server();
    taxii.add(...indicators(5));
    taxii.behave(habit);
    await expect(idsOf({ url: taxii.collectionUrl })).rejects.toMatchObject({ name: "FeedFault" });
  },
);
