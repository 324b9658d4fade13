import { z } from "zod";
import type { Call } from "../call.ts";
import { nullIfNotFound } from "../error.ts";
import type { Filled, Send } from "../send.ts";
import type { Filter } from "./filter.ts";

/** What a list can be asked for. */
export interface ListQuery<Property extends string> {
  filter?: Filter<Property>;
  /** Not documented by Microsoft, but seen to work for machine actions; a service that does not know it refuses the call. */
  orderBy?: `${Property} ${"asc" | "desc"}`;
  /** Of how many rows at most; absent means all. */
  atMost?: number;
  /** e.g. `evidence`, on alerts. */
  expand?: string;
}

/** A page of rows as they came: each is checked on its own, so that an odd one does not hide its neighbours. */
export const Page = z.looseObject({ value: z.array(z.unknown()), "@odata.nextLink": z.string().nullish() });
export type Page = z.infer<typeof Page>;

/** A call that answers with rows of one kind. */
export type ListCall<Path extends string = string> = Call<Path, typeof Page>;

/** The most rows a page may have, on most pages of the documentation. */
const PAGE_SIZE = 10_000;

interface Paging<Row extends z.ZodType> {
  row: Row;
  /** The most rows a page of this list may have. @default 10000 */
  pageSize?: number;
  /** The field that tells rows apart; rows without it are told apart by all they hold. @default id */
  key?: string;
  /** Whether the service answers 404 where it should answer an empty list. */
  noneIsNotFound?: true;
}

/** The options of OData but those of paging, as they stand in an address. */
export const optionsOf = <Property extends string>({ filter, orderBy, expand }: ListQuery<Property>) => ({
  ...(filter && { $filter: filter.text }),
  ...(orderBy && { $orderby: orderBy }),
  ...(expand && { $expand: expand }),
});

/**
 * Reads a list page by page while its rows are used, with `$top` and `$skip` until a page is not full. For lists whose
 * page documents both; the others are read by `linkedRowsOf`.
 *
 * New rows come in front meanwhile and push others to the next page: a row that was seen is not given twice. A page
 * without anything new is the last, as a service that pays no heed to `$skip` would send it for ever. A row of another
 * shape than documented is left out.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machines - `$top` up to 10,000; 404 when there are none
 */
export async function* rowsOf<Path extends string, Row extends z.ZodType, Property extends string>(
  send: Send,
  call: ListCall<Path>,
  request: Filled<Path>,
  { atMost = Number.POSITIVE_INFINITY, ...listQuery }: ListQuery<Property>,
  { row, pageSize = PAGE_SIZE, key = "id", noneIsNotFound }: Paging<Row>,
): AsyncGenerator<z.output<Row>, void> {
  const seen = new Set<unknown>();
  for (let skip = 0; skip < atMost; ) {
    const top = Math.min(pageSize, atMost - skip);
    const query = {
      ...request.query,
      ...optionsOf(listQuery),
      $top: String(top),
      ...(skip > 0 && { $skip: String(skip) }),
    };
    const answer = send(call, { ...request, query });
    const page = noneIsNotFound ? await nullIfNotFound(answer) : await answer;
    if (!page) return;
    const fresh = page.value.filter((one) => isNew(one, key, seen));
    yield* checked(fresh, row);
    skip += page.value.length;
    // A link says that there is more, whatever the length of the page.
    if (fresh.length === 0 || (page.value.length < top && !page["@odata.nextLink"])) return;
  }
}

/**
 * Reads a list that only its own links lead through, as the assessment exports are and most lists without `$top`. Of a
 * link only the query is used: it cannot send us, and our token, elsewhere. Links are seen without a scheme in front.
 *
 * Rows are given as often as they come: in the changes of vulnerabilities one id stands for two device groups. A link
 * that leads in a circle ends the list.
 */
export async function* linkedRowsOf<Path extends string, Row extends z.ZodType>(
  send: Send,
  call: ListCall<Path>,
  request: Filled<Path>,
  { row, noneIsNotFound }: Pick<Paging<Row>, "row" | "noneIsNotFound">,
): AsyncGenerator<z.output<Row>, void> {
  const followed = new Set<string>();
  for (let query = request.query; ; ) {
    const answer = send(call, { ...request, ...(query && { query }) });
    const page = noneIsNotFound ? await nullIfNotFound(answer) : await answer;
    if (!page) return;
    yield* checked(page.value, row);
    const next = queryOf(page["@odata.nextLink"] ?? "");
    if (!next || followed.has(next)) return;
    followed.add(next);
    query = Object.fromEntries(new URLSearchParams(withWholeToken(next)));
  }
}

const queryOf = (link: string): string => (link.includes("?") ? link.slice(link.indexOf("?") + 1) : "");

/** Elsewhere in a link a plus is a blank; in a token, which is often base64, it is a plus. */
const withWholeToken = (query: string): string =>
  query.replace(/(?<=(?:\$|%24)skiptoken=)[^&]*/i, (token) => token.replaceAll("+", "%2B"));

function isNew(row: unknown, key: string, seen: Set<unknown>): boolean {
  const id = (row as Record<string, unknown> | null)?.[key] ?? JSON.stringify(row);
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}

/** Each row is checked on its own: an odd one must not hide its neighbours. */
function* checked<Row extends z.ZodType>(given: unknown[], row: Row): Generator<z.output<Row>> {
  for (const one of given) {
    const { success, data } = row.safeParse(one);
    if (success) yield data;
  }
}

/** All rows of a list at once, for lists that are short by nature. */
export async function allOf<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
