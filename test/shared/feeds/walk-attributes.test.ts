import { afterEach, expect, test } from "vitest";
import { type MispAttribute, type MispHabits, startMispServer } from "../../../local/feeds/misp-server.ts";
import { createFeedClient } from "../../../shared/feeds/http/feed-client.ts";
import { type MispSearch, walkAttributes } from "../../../shared/feeds/misp/walk-attributes.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

const call = createFeedClient({ isInternal: true, limits: { atMostBytes: 5_000_000, timeoutMs: 10_000 } });

async function instance(count: number, habits: Partial<MispHabits> = {}) {
  const misp = await startMispServer({ key: "k1", ...habits });
  open.push(misp);
  misp.add(...Array.from({ length: count }, (_, at) => attribute(at)));
  return misp;
}

const attribute = (at: number): MispAttribute => ({
  uuid: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
  type: "ip-dst",
  value: `203.0.113.${at % 256}`,
  timestamp: String(1_770_000_000 + at),
});

async function found(search: Omit<MispSearch, "key" | "where"> & Partial<MispSearch>) {
  const uuids: string[] = [];
  for await (const page of walkAttributes(call, { key: "k1", where: { to_ids: 1 }, ...search })) {
    uuids.push(...page.map((one) => (one as MispAttribute).uuid));
  }
  return uuids;
}

const uuids = (count: number) => Array.from({ length: count }, (_, at) => attribute(at).uuid);

test.each([0, 1, 250, 300, 301])("finds all of %i attributes, each once", async (count) => {
  const misp = await instance(count);
  expect(await found({ url: misp.url, pageSize: 100 })).toEqual(uuids(count));
});

test("asks an instance that breaks under large pages for smaller ones", async () => {
  const misp = await instance(2_345, { breaksAbove: 700 });
  expect(await found({ url: misp.url, pageSize: 5_000 })).toEqual(uuids(2_345));
});

test("an instance that always breaks is given up soon", async () => {
  const misp = await instance(10, { breaksAbove: 0 });
  await expect(found({ url: misp.url })).rejects.toMatchObject({ kind: "status", status: 500 });
  expect(misp.asked.length).toBeLessThan(10);
});

test("a page that is short because of what we may not see is not the last one", async () => {
  const misp = await instance(300, { hidden: ({ timestamp }) => Number(timestamp) % 10 === 0 });
  expect(await found({ url: misp.url, pageSize: 100 })).toHaveLength(270);
});

test("a wrong key is said as such", async () => {
  const misp = await instance(1);
  await expect(found({ url: misp.url, key: "wrong" })).rejects.toThrow("Check the feed's key");
});

test.each(["empty", "truncated", "html", "endless", "error", "redirect-inside", "reset"] as const)(
  "an instance whose answer is %s ends the walk, and is never taken for an empty one",
  async (habit) => {
    const misp = await instance(300);
    misp.behave(habit);
    await expect(found({ url: misp.url, pageSize: 150 })).rejects.toMatchObject({ name: "FeedFault" });
  },
);
