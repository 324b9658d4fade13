import { afterEach, describe, expect, test } from "vitest";
import { type Answered, type Asked, type Habit, startFeedServer } from "../../../local/feeds/feed-server.ts";
import { startMispServer } from "../../../local/feeds/misp-server.ts";
import { startTaxiiServer } from "../../../local/feeds/taxii-server.ts";
import type { FeedCursor } from "../../../shared/feeds/feed-pass.ts";
import { createFeedClient } from "../../../shared/feeds/http/feed-client.ts";
import { readFeed } from "../../../shared/feeds/read-feed.ts";
import { FeedSettings } from "../../../shared/indicators/sync-settings.ts";

const now = new Date("2026-03-02T10:00:00Z");
const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

type Given = Partial<typeof FeedSettings._input>;

const call = createFeedClient({ isInternal: true, limits: { atMostBytes: 1_000_000, timeoutMs: 10_000 } });

const read = (url: string, feed: Given, { key = "k1", from }: { key?: string; from?: FeedCursor | undefined } = {}) =>
  readFeed(FeedSettings.parse({ name: "alpha", url, internal: true, ...feed }), from, { call, key, now });

const json = (body: unknown): Answered => ({ headers: { "content-type": "application/json" }, body });

async function serve(answer: (asked: Asked) => Answered) {
  const server = await startFeedServer(answer);
  open.push(server);
  return server;
}

const indicator = (at: number) => ({
  object: {
    type: "indicator",
    spec_version: "2.1",
    id: `indicator--00000000-0000-4000-8000-00000000000${at}`,
    created: "2026-03-01T00:00:00.000Z",
    modified: "2026-03-01T00:00:00.000Z",
    pattern: `[domain-name:value = 'evil-${at}.com']`,
    pattern_type: "stix",
    valid_from: "2026-03-01T00:00:00Z",
  },
  dateAdded: `2026-03-01T00:00:0${at}Z`,
});

/** A feed of each kind, as it answers on a good day, and one value that is in it. */
const KINDS: Record<FeedSettings["kind"], () => Promise<{ url: string; value: string; behave(habit: Habit): void }>> = {
  async taxii() {
    const server = await startTaxiiServer({ user: "reader", password: "k1" });
    open.push(server);
    server.add(indicator(1), indicator(2));
    return { ...server, url: server.collectionUrl, value: "evil-1.com" };
  },
  async misp() {
    const server = await startMispServer({ key: "k1" });
    open.push(server);
    const stamp = String(Date.parse("2026-03-01T00:00:00Z") / 1000);
    server.add({
      uuid: "u1",
      type: "domain",
      value: "evil-1.com",
      timestamp: stamp,
      category: "Network activity",
      to_ids: true,
    });
    return { ...server, value: "evil-1.com" };
  },
  async otx() {
    const server = await serve(({ query }) => {
      const pulse = (at: number) => ({
        id: `pulse-${at}`,
        indicators: [{ indicator: `evil-${at}.com`, type: "domain", created: "2026-03-01T00:00:00" }],
      });
      const page = Number(query.get("page") ?? 1);
      const next = page < 3 ? `${server.url}/api/v1/pulses/subscribed?page=${page + 1}` : null;
      return json({ results: [pulse(page)], next });
    });
    return { ...server, value: "evil-3.com" };
  },
  threatfox: async () => ({
    ...(await serve(({ body, headers }) => {
      if (headers["auth-key"] !== "k1" || JSON.parse(body).query !== "get_iocs") return { status: 401 };
      const ioc = { id: "1", ioc: "evil-1.com", ioc_type: "domain", threat_type: "botnet_cc", confidence_level: 90 };
      return json({ query_status: "ok", data: [{ ...ioc, first_seen: "2026-03-01 00:00:00 UTC" }] });
    })),
    value: "evil-1.com",
  }),
  "malware-bazaar": async () => ({
    ...(await serve(({ body }) => {
      if (new URLSearchParams(body).get("query") !== "get_recent") return { status: 400 };
      return json({ query_status: "ok", data: [{ sha256_hash: "a1".repeat(32), first_seen: "2026-03-01 00:00:00" }] });
    })),
    value: "a1".repeat(32),
  }),
  feodo: async () => ({
    ...(await serve(() =>
      json([{ ip_address: "45.66.77.88", port: 443, status: "online", last_online: "2026-03-01", malware: "Emotet" }]),
    )),
    value: "45.66.77.88",
  }),
  urlhaus: async () => ({
    ...(await serve(() => ({
      body: [
        "# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter",
        '"1","2026-03-01 00:00:00","http://evil-1.com/a.exe","online","2026-03-01 00:00:00","malware_download","exe","https://urlhaus.abuse.ch/url/1/","someone"',
        "",
      ].join("\n"),
    }))),
    value: "http://evil-1.com/a.exe",
  }),
  list: async () => ({
    ...(await serve(() => ({ body: "# a list\nevil-1.com\n45.66.77.88\n" }))),
    value: "evil-1.com",
  }),
  csv: async () => ({ ...(await serve(() => ({ body: "name,value\na,evil-1.com\n" }))), value: "evil-1.com" }),
};

const EXTRAS: Partial<Record<FeedSettings["kind"], Given>> = {
  taxii: { user: "reader" },
  csv: { layout: { value: "value" } },
};

describe.each(Object.keys(KINDS) as FeedSettings["kind"][])("a feed of the kind %s", (kind) => {
  test("gives its values on a good day", async () => {
    const feed = await KINDS[kind]();
    const { reading } = await read(feed.url, { kind, ...EXTRAS[kind] });
    expect(reading?.incomplete).toBeUndefined();
    expect(reading?.sightings.map(({ rawValue }) => rawValue)).toContain(feed.value);
  });

  test.each(["empty", "truncated", "html", "endless", "error", "redirect-inside", "reset"] as const)(
    "adds nothing, takes nothing away, and says so when its answer is %s",
    async (habit) => {
      const feed = await KINDS[kind]();
      feed.behave(habit);
      const pass = await read(feed.url, { kind, ...EXTRAS[kind] });
      expect(pass.reading).toMatchObject({ sightings: [], incomplete: expect.stringMatching(/\w{3}/) });
      expect(pass.cursor).toBeUndefined();
    },
  );
});

test("a list that is as it was is not read again", async () => {
  const server = await serve(({ headers }) => {
    const isSame = headers["if-none-match"] === '"v1"';
    return { status: isSame ? 304 : 200, headers: { etag: '"v1"' }, body: isSame ? "" : "evil-1.com\n" };
  });
  const first = await read(server.url, { kind: "list" });
  expect(first.cursor).toMatchObject({ etag: '"v1"' });
  expect(await read(server.url, { kind: "list" }, { from: first.cursor })).toEqual({});
});

test("a collection is read from where the last pass ended, unless everything is wanted each time", async () => {
  const server = await startTaxiiServer({ user: "reader", password: "k1" });
  open.push(server);
  server.add(indicator(1), indicator(2));
  const feed: Given = { kind: "taxii", user: "reader" };
  const { cursor } = await read(server.collectionUrl, feed);
  server.add(indicator(3));
  const valuesOf = async (more: Given, from = cursor) =>
    (await read(server.collectionUrl, { ...feed, ...more }, { from })).reading?.sightings.map(
      ({ rawValue }) => rawValue,
    );
  expect(await valuesOf({ holds: "recent" })).toEqual(["evil-3.com"]);
  expect(await valuesOf({ holds: "everything" })).toEqual(["evil-1.com", "evil-2.com", "evil-3.com"]);
});

test("an attribute that was switched off in MISP is withdrawn", async () => {
  const server = await startMispServer({ key: "k1" });
  open.push(server);
  const attribute = { uuid: "u1", type: "domain", value: "evil-1.com", category: "Network activity" };
  server.add({ ...attribute, timestamp: String(now.getTime() / 1000), to_ids: false });
  const { reading, cursor } = await read(server.url, { kind: "misp" }, { from: { readAt: "2026-03-02T09:59:00Z" } });
  expect(reading?.sightings).toMatchObject([{ rawValue: "evil-1.com", revoked: true }]);
  expect(cursor).toEqual({ readAt: now.toISOString() });
});

test("a key goes to no other host that OTX names for the next page", async () => {
  const other = await serve(() => json({ results: [], next: null }));
  const server = await serve(() => json({ results: [], next: `${other.url}/api/v1/pulses/subscribed?page=2` }));
  expect((await read(server.url, { kind: "otx" })).reading?.incomplete).toContain("elsewhere");
  expect(other.asked).toEqual([]);
});

test("a feed without a place or a key says what is to be set", async () => {
  expect((await read("http://127.0.0.1:1", { kind: "list", url: undefined })).reading?.incomplete).toContain(
    "has no url",
  );
  expect((await read("http://127.0.0.1:1", { kind: "misp" }, { key: "" })).reading?.incomplete).toContain("keySetting");
});
