import { z } from "zod";
import { callJson, headerOf, type JsonAnswer } from "../http/call-json.ts";
import type { CallFeed } from "../http/feed-client.ts";
import { FeedFault } from "../http/feed-fault.ts";

/** A collection of a TAXII 2.1 server, and what is wanted of it. */
export interface Collection {
  /** Of the collection, such as `https://taxii.example/api1/collections/365f.../`. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Only what was added after this, as the server's own stamps say; absent: all. */
  addedAfter?: string | undefined;
  pageSize?: number;
  /** Some servers take `next` only alone. @default true */
  sendsAllWithNext?: boolean;
}

/** A page of objects, as the server gave them. */
export interface Page {
  objects: unknown[];
}

export const TAXII = "application/taxii+json;version=2.1";

/** A server that goes on for so long goes round in circles. */
const MOST_PAGES = 5_000;

const Envelope = z.looseObject({
  more: z.boolean().nullish(),
  next: z.string().nullish(),
  objects: z.array(z.unknown()).nullish(),
});

/**
 * Walks through the indicators of a collection, from old to new, and ends only when the server says that there is no more.
 *
 * @returns the stamp to begin after the next time: to be kept only once all pages were used
 * @throws FeedFault where a call fails, the server speaks another version, or it makes no progress
 * @see https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html#_Toc31107537
 */
export async function* walkCollection(
  call: CallFeed,
  collection: Collection,
): AsyncGenerator<Page, string | undefined> {
  const { url, addedAfter, sendsAllWithNext = true } = collection;
  const host = new URL(url).hostname;
  const stuck = () => new FeedFault("not-data", `${host} gives the same page again and again.`);
  const seen = new Set<string>();
  let after = addedAfter;
  let next: string | undefined;
  let stamp = addedAfter;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const filters = next !== undefined && !sendsAllWithNext ? { next } : { ...wanted(collection, after), next };
    const answer = await callJson(call, {
      url: objectsUrl(url, filters),
      headers: { ...collection.headers, accept: TAXII },
    });
    const { more, objects, ...envelope } = parse(answer, host);
    yield { objects: objects ?? [] };

    const last = headerOf(answer, "x-taxii-date-added-last");
    stamp = last ?? stamp;
    if (!more) return stamp;
    if (envelope.next) {
      next = envelope.next;
      if (seen.has(next)) throw stuck();
      seen.add(next);
    } else {
      // Older servers have one go on from the stamp. What shares it with the last object of the page may be left out.
      if (!last || last === after) throw stuck();
      after = last;
      next = undefined;
    }
  }
  throw stuck();
}

const wanted = ({ pageSize = 1_000 }: Collection, addedAfter: string | undefined) => ({
  "match[type]": "indicator",
  limit: String(pageSize),
  added_after: addedAfter,
});

function objectsUrl(collection: string, filters: Record<string, string | undefined>): string {
  const url = new URL("objects/", collection.endsWith("/") ? collection : `${collection}/`);
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

function parse(answer: JsonAnswer, host: string): z.infer<typeof Envelope> {
  const type = headerOf(answer, "content-type") ?? "";
  if (/vnd\.oasis\.(taxii|stix)/.test(type)) {
    throw new FeedFault("not-data", `${host} speaks TAXII 2.0. Set the feed's url to its TAXII 2.1 collection.`);
  }
  const { data } = Envelope.safeParse(answer.json);
  if (!data) throw new FeedFault("not-data", `${host} answered with something else than TAXII 2.1.`);
  return data;
}
