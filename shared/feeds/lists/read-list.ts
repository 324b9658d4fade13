import { messageOf } from "../../errors.ts";
import { type Reading, readingOf } from "../../indicators/sighting.ts";
import type { Layout } from "../../indicators/sync-settings.ts";
import { type Entry, skip } from "../entry.ts";
import { CutShort, type Limits, linesOf, type TextPieces } from "./lines.ts";

/**
 * Reads a list of one value a line: with comments, in the form of hosts files or of ad blockers, or with a count of sightings
 * behind a tab.
 */
export async function readList(
  feed: string,
  text: TextPieces,
  { type }: Pick<Layout, "type">,
  limits: Limits = {},
): Promise<Reading> {
  const entries: Entry[] = [];
  let number = 0;
  try {
    for await (const line of linesOf(text, limits)) {
      number += 1;
      const entry = entryOf(feed, line, number, type);
      if (entry) entries.push(entry);
    }
  } catch (error) {
    if (!(error instanceof CutShort)) throw error;
    return readingOf(feed, entries, messageOf(error));
  }
  return readingOf(feed, entries);
}

const COMMENT = /^\s*[#;!].*$|\s[#;].*$/;
const HOSTS_FILE = /^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+(\S+)$/;
const AD_BLOCKER = /^\|\|([^/^$]+)\^(?:\$.*)?$/;
/** What hosts files have of their own. */
const OF_THE_MACHINE = new Set([
  "localhost",
  "localhost.localdomain",
  "local",
  "broadcasthost",
  "0.0.0.0",
  "ip6-localhost",
  "ip6-loopback",
]);

function entryOf(feed: string, line: string, number: number, type: Layout["type"]): Entry | undefined {
  const text = line.replace(COMMENT, "").trim();
  const sourceId = `line ${number}`;
  if (text === "") return undefined;
  const name = HOSTS_FILE.exec(text)?.[1] ?? AD_BLOCKER.exec(text)?.[1];
  if (name !== undefined) {
    return OF_THE_MACHINE.has(name)
      ? skip(feed, sourceId, name, "special-name")
      : { feed, sourceId, type: "DomainName", rawValue: name };
  }
  const [value = "", count, ...more] = text.split(/[\t]+/);
  // How many lists name it is how sure one can be.
  const isCounted = count !== undefined && more.length === 0 && /^\d{1,4}$/.test(count);
  if (count !== undefined && !isCounted) return skip(feed, sourceId, text, "not-readable", "more than one column");
  const confidence = isCounted ? { confidence: Math.min(90, 20 + 10 * Number(count)) } : {};
  return { feed, sourceId, type, rawValue: value, ...confidence };
}
