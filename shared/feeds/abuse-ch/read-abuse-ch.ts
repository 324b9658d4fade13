import { z } from "zod";
import { type Reading, readingOf, type SightedType, unreadable } from "../../indicators/sighting.ts";
import { type Entry, skip, told } from "../entry.ts";
import { feedTime } from "../feed-time.ts";
import { rowsOfAnswer } from "./envelope.ts";

const Text = z.union([z.string(), z.number()]).transform(String);
const ABSENT = z.string().nullish();

/** What is public about abuse.ch's data may be shown. */
const TLP = "CLEAR" as const;

/** Reads the rows of an answer one by one; what cannot be read loses no neighbour. */
function readRows<Row>(feed: string, body: unknown, schema: z.ZodType<Row>, entryOf: (row: Row) => Entry): Reading {
  const answer = rowsOfAnswer(body);
  if ("incomplete" in answer) return unreadable(feed, answer.incomplete);
  const entries = answer.rows.map((raw, at) => {
    const { data, error } = schema.safeParse(raw);
    return data === undefined ? skip(feed, String(at), "", "not-readable", error?.issues[0]?.message) : entryOf(data);
  });
  return readingOf(feed, entries);
}

const ThreatFoxRow = z.looseObject({
  id: Text,
  ioc: z.string(),
  ioc_type: z.string(),
  malware_printable: ABSENT,
  confidence_level: z.number().nullish(),
  is_compromised: z.boolean().nullish(),
  first_seen: ABSENT,
  last_seen: ABSENT,
});

const THREATFOX_TYPES: Record<string, SightedType> = {
  "ip:port": "IpAddress",
  ip: "IpAddress",
  domain: "DomainName",
  url: "Url",
  md5_hash: "FileMd5",
  sha1_hash: "FileSha1",
  sha256_hash: "FileSha256",
};

/** ThreatFox: `get_iocs`. @see https://threatfox.abuse.ch/api/ */
export const readThreatFox = (feed: string, body: unknown): Reading =>
  readRows(feed, body, ThreatFoxRow, (row) => {
    const type = THREATFOX_TYPES[row.ioc_type];
    if (!type)
      return skip(feed, row.id, row.ioc, row.ioc_type.endsWith("_hash") ? "hash-type" : "no-type", row.ioc_type);
    return {
      feed,
      sourceId: row.id,
      type,
      rawValue: row.ioc,
      tlp: TLP,
      ...told({
        confidence: row.confidence_level ?? undefined,
        firstSeen: feedTime(row.first_seen),
        lastSeen: feedTime(row.last_seen),
        malware: row.malware_printable ?? undefined,
        isCompromised: row.is_compromised ? (true as const) : undefined,
      }),
    };
  });

/** A row of URLhaus, as the API and the tables have it. */
export const UrlhausRow = z.looseObject({
  id: Text,
  url: z.string(),
  url_status: z.string(),
  date_added: ABSENT,
  last_online: ABSENT,
  threat: ABSENT,
});

/** What is no longer online threatens nobody; most of what is listed are hacked sites and devices. */
export const urlhausEntry = (feed: string, row: z.infer<typeof UrlhausRow>): Entry =>
  row.url_status === "offline"
    ? skip(feed, row.id, row.url, "offline")
    : {
        feed,
        sourceId: row.id,
        type: "Url",
        rawValue: row.url,
        tlp: TLP,
        isCompromised: true,
        ...told({
          confidence: row.url_status === "online" ? 70 : undefined,
          firstSeen: feedTime(row.date_added),
          lastSeen: feedTime(row.last_online),
        }),
      };

/** URLhaus: recent URLs. @see https://urlhaus-api.abuse.ch/ */
export const readUrlhaus = (feed: string, body: unknown): Reading =>
  readRows(feed, body, UrlhausRow, (row) => urlhausEntry(feed, row));

const BazaarRow = z.looseObject({ sha256_hash: z.string(), first_seen: ABSENT, last_seen: ABSENT, signature: ABSENT });

/** MalwareBazaar: recent samples, by their strongest hash. @see https://bazaar.abuse.ch/api/ */
export const readMalwareBazaar = (feed: string, body: unknown): Reading =>
  readRows(feed, body, BazaarRow, ({ sha256_hash, first_seen, last_seen, signature }) => ({
    feed,
    sourceId: sha256_hash,
    type: "FileSha256",
    rawValue: sha256_hash,
    tlp: TLP,
    confidence: signature ? 80 : 60,
    ...told({ firstSeen: feedTime(first_seen), lastSeen: feedTime(last_seen), malware: signature ?? undefined }),
  }));

const FeodoRow = z.looseObject({
  ip_address: z.string(),
  status: ABSENT,
  first_seen: ABSENT,
  last_online: ABSENT,
  malware: ABSENT,
});

/** Feodo Tracker: addresses that botnets are commanded from. @see https://feodotracker.abuse.ch/blocklist/ */
export const readFeodo = (feed: string, body: unknown): Reading =>
  readRows(feed, body, FeodoRow, ({ ip_address, first_seen, last_online, malware }) => ({
    feed,
    sourceId: ip_address,
    type: "IpAddress",
    rawValue: ip_address,
    tlp: TLP,
    confidence: 90,
    severity: "High",
    ...told({ firstSeen: feedTime(first_seen), lastSeen: feedTime(last_online), malware: malware ?? undefined }),
  }));

/** SSLBL lists certificates of servers; Defender matches those that sign code. */
export const sslblEntry = (feed: string, sha1: string): Entry => skip(feed, sha1, sha1, "tls-certificate");
