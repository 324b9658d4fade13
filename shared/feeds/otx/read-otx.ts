import { z } from "zod";
import type { SightedType } from "../../indicators/sighting.ts";
import { type Reading, readingOf, unreadable } from "../../indicators/sighting.ts";
import { tlpOf } from "../../indicators/tlp.ts";
import { type Entry, skip, told } from "../entry.ts";
import { feedTime } from "../feed-time.ts";

const PulseIndicator = z.looseObject({
  indicator: z.string(),
  type: z.string(),
  created: z.string().nullish(),
  expiration: z.string().nullish(),
  is_active: z.union([z.number(), z.boolean()]).nullish(),
});
const Pulse = z.looseObject({
  id: z.string(),
  modified: z.string().nullish(),
  tlp: z.string().nullish(),
  malware_families: z.array(z.union([z.string(), z.looseObject({ display_name: z.string().nullish() })])).nullish(),
  indicators: z.array(z.unknown()),
});
const Page = z.union([
  z.array(z.unknown()),
  z.looseObject({ results: z.array(z.unknown()) }).transform(({ results }) => results),
]);

const TYPES: Record<string, SightedType> = {
  IPv4: "IpAddress",
  IPv6: "IpAddress",
  domain: "DomainName",
  hostname: "DomainName",
  URL: "Url",
  URI: "Url",
  "FileHash-MD5": "FileMd5",
  "FileHash-SHA1": "FileSha1",
  "FileHash-SHA256": "FileSha256",
};

/**
 * Reads pulses of AlienVault OTX: a page of `/api/v1/pulses/subscribed`, or a list of pulses.
 *
 * @see https://otx.alienvault.com/api
 */
export function readOtx(feed: string, body: unknown): Reading {
  const { data: pulses } = Page.safeParse(body);
  if (!pulses) return unreadable(feed, "the answer holds no pulses");
  return readingOf(
    feed,
    pulses.flatMap((pulse) => [...entriesOf(feed, pulse)]),
  );
}

function* entriesOf(feed: string, body: unknown): Generator<Entry> {
  const { data: pulse, error } = Pulse.safeParse(body);
  if (!pulse) return yield skip(feed, "", "", "not-readable", error?.issues[0]?.message);
  const family = pulse.malware_families?.[0];
  const malware = typeof family === "string" ? family : (family?.display_name ?? undefined);
  for (const one of pulse.indicators) {
    const { data, error: problem } = PulseIndicator.safeParse(one);
    if (!data) {
      yield skip(feed, pulse.id, "", "not-readable", problem?.issues[0]?.message);
      continue;
    }
    const { indicator, type, created, expiration, is_active } = data;
    const known = TYPES[type];
    if (!known) {
      const reason = type === "CIDR" ? "cidr" : type.startsWith("FileHash-") ? "hash-type" : "no-type";
      yield skip(feed, pulse.id, indicator, reason, type);
    } else if (is_active === 0 || is_active === false) yield skip(feed, pulse.id, indicator, "inactive");
    else {
      yield {
        feed,
        sourceId: pulse.id,
        type: known,
        rawValue: indicator,
        ...told({
          firstSeen: feedTime(created),
          lastSeen: feedTime(pulse.modified),
          validUntil: feedTime(expiration),
          tlp: tlpOf(pulse.tlp),
          malware,
        }),
      };
    }
  }
}
