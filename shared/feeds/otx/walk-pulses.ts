import { z } from "zod";
import { callJson } from "../http/call-json.ts";
import type { CallFeed } from "../http/feed-client.ts";
import { FeedFault } from "../http/feed-fault.ts";

export interface PulseSearch {
  /** Of the service, such as `https://otx.alienvault.com`. */
  url: string;
  key: string;
  /** ISO 8601. */
  modifiedSince: string;
}

/** Large pages make the service time out. */
const PAGE_SIZE = 20;

const MOST_PAGES = 2_000;

const Page = z.looseObject({ results: z.array(z.unknown()), next: z.string().nullish() });

/**
 * Walks through the subscribed pulses that changed since a time, page by page.
 *
 * @throws FeedFault where a call fails, or the way leads to another host
 * @see https://otx.alienvault.com/api
 */
export async function* walkPulses(call: CallFeed, search: PulseSearch): AsyncGenerator<unknown[], void> {
  const first = new URL("api/v1/pulses/subscribed", search.url.endsWith("/") ? search.url : `${search.url}/`);
  first.search = new URLSearchParams({ modified_since: search.modifiedSince, limit: String(PAGE_SIZE) }).toString();
  const seen = new Set<string>();
  for (let url: string | undefined = first.href; url; ) {
    if (seen.has(url) || seen.size === MOST_PAGES) {
      throw new FeedFault("not-data", `${first.hostname} has page after page without an end.`);
    }
    seen.add(url);
    const { json } = await callJson(call, { url, headers: { "x-otx-api-key": search.key } });
    const { data } = Page.safeParse(json);
    if (!data) throw new FeedFault("not-data", `${first.hostname} answered with something else than pulses.`);
    yield data.results;
    url = data.next ? followed(data.next, first) : undefined;
  }
}

/** The next page. The key goes along, so it has to be where the first one was. */
function followed(next: string, first: URL): string {
  const url = URL.parse(next, first.href);
  if (url?.origin !== first.origin) throw new FeedFault("redirect", `The next page of ${first.hostname} is elsewhere.`);
  return url.href;
}
