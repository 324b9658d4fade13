import { toMilliseconds } from "../duration.ts";
import { type Reading, unreadable } from "../indicators/sighting.ts";
import { type FeedSettings, Layout } from "../indicators/sync-settings.ts";
import { basic } from "../tickets/json-client.ts";
import { readFeodo, readMalwareBazaar, readThreatFox } from "./abuse-ch/read-abuse-ch.ts";
import { readUrlhausTable } from "./abuse-ch/read-tables.ts";
import type { FeedCursor, FeedPass } from "./feed-pass.ts";
import { callJson, headerOf } from "./http/call-json.ts";
import type { CallFeed, FeedCall } from "./http/feed-client.ts";
import { FeedFault } from "./http/feed-fault.ts";
import type { TextPieces } from "./lists/lines.ts";
import { readCsv } from "./lists/read-csv.ts";
import { readList } from "./lists/read-list.ts";
import { readMisp } from "./misp/read-misp.ts";
import { walkAttributes } from "./misp/walk-attributes.ts";
import { readOtx } from "./otx/read-otx.ts";
import { walkPulses } from "./otx/walk-pulses.ts";
import { readStix } from "./stix/read-stix.ts";
import { walkCollection } from "./taxii/walk-collection.ts";

/** What reading a feed takes beside its settings. */
export interface FeedReach {
  call: CallFeed;
  /** The key of the feed; absent where it has none. */
  key: string | undefined;
  now: Date;
}

/** What changed shortly before the last pass may not have been visible to it. */
const OVERLAP = toMilliseconds({ minutes: 5 });

/** So far back the first pass looks, where a feed is asked for a time. */
const FIRST_LOOK = toMilliseconds({ days: 30 });

/**
 * Reads a feed from where the last pass ended, or all of it where it holds everything. Whatever goes wrong is said in the
 * reading, which is empty then: half a feed adds nothing and takes nothing away.
 *
 * Safe to repeat: with the same cursor the same is read again.
 */
export async function readFeed(
  feed: FeedSettings,
  before: FeedCursor | undefined,
  reach: FeedReach,
): Promise<FeedPass> {
  const from = feed.holds === "everything" && feed.kind !== "list" && feed.kind !== "csv" ? undefined : before;
  try {
    const pass = await READERS[feed.kind](feed, from ?? {}, reach);
    const incomplete = pass.reading?.incomplete;
    return incomplete === undefined ? pass : { reading: unreadable(feed.name, incomplete) };
  } catch (error) {
    if (error instanceof FeedFault) return { reading: unreadable(feed.name, error.message) };
    throw error;
  }
}

type Read = (feed: FeedSettings, from: FeedCursor, reach: FeedReach) => Promise<FeedPass>;

const READERS: Record<FeedSettings["kind"], Read> = {
  async taxii(feed, { addedAfter }, { call, key, now }) {
    const { sendsAllWithNext } = feed;
    const headers = key ? authorizationOf(feed, key) : {};
    const walk = walkCollection(call, { url: urlOf(feed), headers, addedAfter, sendsAllWithNext });
    const objects: unknown[] = [];
    for (;;) {
      const { done, value } = await walk.next();
      if (done) return { reading: readStix(feed.name, objects, mapOptions(feed, now)), cursor: { addedAfter: value } };
      objects.push(...value.objects);
    }
  },

  async misp(feed, { readAt }, { call, key, now }) {
    const since = new Date((readAt ? Date.parse(readAt) : now.getTime() - FIRST_LOOK) - OVERLAP);
    const where = {
      published: 1,
      // What was switched off or deleted is wanted too: it is how a value is taken back.
      deleted: [0, 1],
      ...{ includeEventTags: 1, includeContext: 1, includeSightings: 1 },
      ...(feed.holds === "recent" && { attribute_timestamp: String(Math.floor(since.getTime() / 1000)) }),
    };
    const attributes: unknown[] = [];
    for await (const page of walkAttributes(call, { url: urlOf(feed), key: keyOf(feed, key), where })) {
      attributes.push(...page);
    }
    const reading = readMisp(feed.name, { response: { Attribute: attributes } }, mapOptions(feed, now));
    return { reading, cursor: { readAt: now.toISOString() } };
  },

  async otx(feed, { readAt }, { call, key, now }) {
    const since = new Date((readAt ? Date.parse(readAt) : now.getTime() - FIRST_LOOK) - OVERLAP);
    const walk = walkPulses(call, { url: urlOf(feed), key: keyOf(feed, key), modifiedSince: since.toISOString() });
    const pulses: unknown[] = [];
    for await (const page of walk) pulses.push(...page);
    return { reading: readOtx(feed.name, pulses), cursor: { readAt: now.toISOString() } };
  },

  threatfox: (feed, _, reach) =>
    answered(feed, reach, readThreatFox, { body: JSON.stringify({ query: "get_iocs", days: 7 }), type: "json" }),
  "malware-bazaar": (feed, _, reach) =>
    answered(feed, reach, readMalwareBazaar, { body: "query=get_recent&selector=time", type: "x-www-form-urlencoded" }),
  feodo: (feed, _, reach) => answered(feed, reach, readFeodo),

  urlhaus: (feed, from, reach) => downloaded(feed, from, reach, (pieces) => readUrlhausTable(feed.name, pieces)),
  list: (feed, from, reach) => downloaded(feed, from, reach, (pieces) => readList(feed.name, pieces, layoutOf(feed))),
  csv: (feed, from, reach) => downloaded(feed, from, reach, (pieces) => readCsv(feed.name, pieces, layoutOf(feed))),
};

/** Reads the one answer in which such a feed says all it has to say. */
async function answered(
  feed: FeedSettings,
  { call, key }: FeedReach,
  read: (feed: string, body: unknown) => Reading,
  question?: { body: string; type: "json" | "x-www-form-urlencoded" },
): Promise<FeedPass> {
  const { json } = await callJson(call, {
    url: urlOf(feed),
    headers: {
      ...(key && { "auth-key": key }),
      ...(question && { "content-type": `application/${question.type}` }),
    },
    ...(question && { method: "POST" as const, body: question.body }),
  });
  return { reading: read(feed.name, json) };
}

/** Reads a list as it comes, unless it is as it was. */
async function downloaded(
  feed: FeedSettings,
  { etag, lastModified }: FeedCursor,
  { call, key }: FeedReach,
  read: (pieces: TextPieces) => Promise<Reading>,
): Promise<FeedPass> {
  const headers: FeedCall["headers"] = {
    ...(key && authorizationOf(feed, key)),
    ...(etag && { "if-none-match": etag }),
    ...(lastModified && !etag && { "if-modified-since": lastModified }),
  };
  const answer = await call({ url: urlOf(feed), headers });
  if (answer.isUnchanged) return {};
  const reading = await read(answer.pieces);
  return { reading, cursor: { etag: headerOf(answer, "etag"), lastModified: headerOf(answer, "last-modified") } };
}

function authorizationOf({ kind, user }: FeedSettings, key: string): Record<string, string> {
  if (kind === "urlhaus") return { "auth-key": key };
  return { authorization: user ? basic(user, key) : `Bearer ${key}` };
}

const PLACES: Partial<Record<FeedSettings["kind"], string>> = {
  threatfox: "https://threatfox-api.abuse.ch/api/v1/",
  urlhaus: "https://urlhaus.abuse.ch/downloads/csv_recent/",
  "malware-bazaar": "https://mb-api.abuse.ch/api/v1/",
  feodo: "https://feodotracker.abuse.ch/downloads/ipblocklist.json",
  otx: "https://otx.alienvault.com",
};

function urlOf({ name, kind, url: given }: FeedSettings): string {
  const url = given ?? PLACES[kind];
  if (!url) throw new FeedFault("address", `The feed ${name} has no url. Set it in config/feeds.yaml.`);
  return url;
}

function keyOf({ name }: FeedSettings, key: string | undefined): string {
  if (!key)
    throw new FeedFault("sign-in", `The feed ${name} needs a key. Name the app setting that holds it in keySetting.`);
  return key;
}

const layoutOf = ({ layout }: FeedSettings) => Layout.parse(layout ?? {});

const mapOptions = ({ inbound, types }: FeedSettings, now: Date) => ({
  inbound,
  certificates: types.includes("CertificateThumbprint"),
  now,
});
