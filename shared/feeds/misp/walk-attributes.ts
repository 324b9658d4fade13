import { z } from "zod";
import { callJson, headerOf, type JsonAnswer } from "../http/call-json.ts";
import type { CallFeed } from "../http/feed-client.ts";
import { FeedFault } from "../http/feed-fault.ts";

/** A MISP instance, and what is wanted of it. */
export interface MispSearch {
  /** Of the instance, such as `https://misp.example`. */
  url: string;
  /** An automation key; one that only reads is enough. */
  key: string;
  /** Conditions of the search, beside paging: `type`, `to_ids`, `attribute_timestamp` and so on. */
  where: Readonly<Record<string, unknown>>;
  pageSize?: number;
}

/** The instance runs out of memory on large pages; smaller than this, something else is wrong. */
const SMALLEST_PAGE = 100;

const MOST_PAGES = 10_000;

const Answer = z.looseObject({ response: z.looseObject({ Attribute: z.array(z.unknown()) }) });

/**
 * Searches the attributes of a MISP instance, page by page, and ends only where a page shows that there is no more. An
 * instance that breaks under large pages is asked for smaller ones.
 *
 * @throws FeedFault where a call fails, also with the smallest page
 * @see https://www.circl.lu/doc/misp/automation/#search
 */
export async function* walkAttributes(call: CallFeed, search: MispSearch): AsyncGenerator<unknown[], void> {
  let limit = search.pageSize ?? 5_000;
  let passed = 0;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    // Where pages have become smaller, one may begin with what was there before: twice is better than not at all.
    const page = Math.floor(passed / limit) + 1;
    const answer = await ask(call, search, { limit, page }).catch((fault: unknown) => {
      if (!isExhausted(fault) || limit <= SMALLEST_PAGE) throw fault;
      return undefined;
    });
    if (!answer) {
      limit = Math.max(SMALLEST_PAGE, Math.floor(limit / 2));
      continue;
    }
    const attributes = readAttributes(answer, search.url);
    if (attributes.length > 0) yield attributes;
    // A short page is the last one, unless the instance has left some out of it.
    const isShort = attributes.length < limit && !(Number(headerOf(answer, "x-skipped-elements-count")) > 0);
    if (attributes.length === 0 || isShort) return;
    passed = page * limit;
  }
  throw new FeedFault("not-data", `${new URL(search.url).hostname} has page after page without an end.`);
}

const isExhausted = (fault: unknown): boolean =>
  fault instanceof FeedFault && (fault.status === 500 || fault.kind === "broken-off" || fault.kind === "too-large");

async function ask(
  call: CallFeed,
  { url, key, where }: MispSearch,
  paging: { limit: number; page: number },
): Promise<JsonAnswer> {
  return callJson(call, {
    url: new URL("attributes/restSearch", url.endsWith("/") ? url : `${url}/`).href,
    method: "POST",
    headers: { authorization: key, accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({ ...where, returnFormat: "json", ...paging }),
  });
}

function readAttributes({ json }: JsonAnswer, url: string): unknown[] {
  const { data } = Answer.safeParse(json);
  if (!data) throw new FeedFault("not-data", `${new URL(url).hostname} answered with something else than attributes.`);
  return data.response.Attribute;
}
