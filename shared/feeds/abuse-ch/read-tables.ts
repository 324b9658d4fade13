import type { Reading } from "../../indicators/sighting.ts";
import { skip, told } from "../entry.ts";
import { feedTime } from "../feed-time.ts";
import type { Limits, TextPieces } from "../lists/lines.ts";
import { readTable } from "../lists/read-csv.ts";
import { sslblEntry, UrlhausRow, urlhausEntry } from "./read-abuse-ch.ts";

const TABLE = { separator: ",", header: true };

/** URLhaus's tables `csv_recent` and `csv_online`. @see https://urlhaus.abuse.ch/api/ */
export const readUrlhausTable = (feed: string, text: TextPieces, limits?: Limits): Promise<Reading> =>
  readTable(
    feed,
    text,
    TABLE,
    (row, sourceId) => {
      const { data } = UrlhausRow.safeParse({
        id: row("id"),
        url: row("url"),
        url_status: row("url_status"),
        date_added: row("dateadded"),
        last_online: row("last_online"),
      });
      return data ? urlhausEntry(feed, data) : skip(feed, sourceId, row("url") ?? "", "not-readable");
    },
    limits,
  );

/** Feodo Tracker's table. @see https://feodotracker.abuse.ch/blocklist/ */
export const readFeodoTable = (feed: string, text: TextPieces, limits?: Limits): Promise<Reading> =>
  readTable(
    feed,
    text,
    TABLE,
    (row, sourceId) => {
      const rawValue = row("dst_ip");
      if (rawValue === undefined) return skip(feed, sourceId, "", "not-readable", "there is no column dst_ip");
      const firstSeen = feedTime(row("first_seen_utc"));
      const lastSeen = feedTime(row("last_online"));
      const malware = row("malware");
      return {
        feed,
        sourceId: rawValue,
        type: "IpAddress",
        rawValue,
        tlp: "CLEAR",
        confidence: 90,
        severity: "High",
        ...told({ firstSeen, lastSeen, malware }),
      };
    },
    limits,
  );

/** SSLBL's table, of which nothing becomes an indicator. */
export const readSslblTable = (feed: string, text: TextPieces, limits?: Limits): Promise<Reading> =>
  readTable(feed, text, { separator: ",", header: false }, (row) => sslblEntry(feed, row(1) ?? ""), limits);
