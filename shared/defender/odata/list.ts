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
  /** Whether the service answers 404 where it should answer an empty list. */
  noneIsNotFound?: true;
}

/**
 * Reads a list page by page while its rows are used, with `$top` and `$skip` until a page is not full.
 *
 * New rows come in front meanwhile and push others to the next page: a row whose `id` was seen is not given twice. A row
 * of another shape than documented is left out.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machines - `$top` up to 10,000; 404 when there are none
 */
export async function* rowsOf<Path extends string, Row extends z.ZodType, Property extends string>(
  send: Send,
  call: ListCall<Path>,
  request: Filled<Path>,
  { filter, orderBy, expand, atMost = Number.POSITIVE_INFINITY }: ListQuery<Property>,
  { row, pageSize = PAGE_SIZE, noneIsNotFound }: Paging<Row>,
): AsyncGenerator<z.output<Row>, void> {
  const seen = new Set<unknown>();
  for (let skip = 0; skip < atMost; ) {
    const top = Math.min(pageSize, atMost - skip);
    const query = {
      ...request.query,
      ...(filter && { $filter: filter.text }),
      ...(orderBy && { $orderby: orderBy }),
      ...(expand && { $expand: expand }),
      $top: String(top),
      ...(skip > 0 && { $skip: String(skip) }),
    };
    const answer = send(call, { ...request, query });
    const page = noneIsNotFound ? await nullIfNotFound(answer) : await answer;
    if (!page) return;
    yield* checkedRows(page.value, row, seen);
    skip += page.value.length;
    // A link says that there is more, whatever the length of the page.
    if (page.value.length === 0 || (page.value.length < top && !page["@odata.nextLink"])) return;
  }
}

/**
 * Reads a list that only its own links lead through, as the assessment exports are. Of a link only the query is used:
 * it cannot send us, and our token, elsewhere.
 *
 * @throws DefenderUnavailableError as the call itself does; a link that leads in a circle ends the list
 */
export async function* linkedRowsOf<Path extends string, Row extends z.ZodType>(
  send: Send,
  call: ListCall<Path>,
  request: Filled<Path>,
  { row }: Pick<Paging<Row>, "row">,
): AsyncGenerator<z.output<Row>, void> {
  const followed = new Set<string>();
  for (let query = request.query; ; ) {
    const page = await send(call, { ...request, ...(query && { query }) });
    yield* checkedRows(page.value, row, new Set());
    const next = queryOf(page["@odata.nextLink"]);
    if (!next || followed.has(next.toString())) return;
    followed.add(next.toString());
    query = Object.fromEntries(next);
  }
}

function* checkedRows<Row extends z.ZodType>(given: unknown[], row: Row, seen: Set<unknown>): Generator<z.output<Row>> {
  for (const one of given) {
    const id = (one as { id?: unknown } | null)?.id;
    if (id !== undefined && seen.has(id)) continue;
    seen.add(id);
    const checked = row.safeParse(one);
    if (checked.success) yield checked.data;
  }
}

function queryOf(link: string | null | undefined): URLSearchParams | undefined {
  return link && URL.canParse(link) ? new URL(link).searchParams : undefined;
}

/** All rows of a list at once, for lists that are short by nature. */
export async function allOf<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}
