import { ApiError, UnknownQueryOptionError } from "./error.ts";
import { type Filter, type Filterable, parseFilter, propertyNamed } from "./odata-filter.ts";
import { comparable } from "./odata-values.ts";

export interface ListOptions {
  /** The address called, for the link to the next page. */
  address: string;
  /** What `$expand` may name. @default nothing */
  expandable?: string;
  /** The largest page that may be asked for. @default 10,000 */
  largestPage?: number;
  /** Rows in a page that nobody chose a size for. @default the largest page */
  usualPage?: number;
  /** Microsoft Graph counts rows on request, and links to the next page also where `$top` chose the size. */
  isGraph?: boolean;
}

export interface ListQuery {
  filter: Filter;
  /** Whether the rows should come with what `$expand` may name: on alerts their evidence. */
  expands: boolean;
  /** Puts all rows that match in the order asked for, if one was, and cuts out the page asked for. */
  page<T extends Row>(rows: T[]): { value: T[]; "@odata.count"?: number; "@odata.nextLink"?: string };
}

type Row = Record<string, unknown>;

/** No list call of Defender for Endpoint returns more rows than this at once. */
const LARGEST_PAGE = 10_000;

const everything: Filter = { matches: () => true, possible: () => undefined };

/**
 * Reads the OData options of a list call. Without `$top`, a list longer than a page ends in a link to the next page;
 * with `$top` there is none. `$orderby` takes one property, though no page of the documentation names it.
 *
 * @throws ApiError for unknown options (`$stop`, `$select`, ...), bad filters and pages that are too large
 */
export function readListQuery(query: URLSearchParams, filterable: Filterable, options: ListOptions): ListQuery {
  const { address, expandable, largestPage = LARGEST_PAGE, usualPage = largestPage, isGraph = false } = options;
  const known = [
    "$filter",
    "$top",
    "$skip",
    "$orderby",
    ...(expandable ? ["$expand"] : []),
    ...(isGraph ? ["$count"] : []),
  ];
  for (const option of query.keys()) {
    if (option.startsWith("$") && !known.includes(option)) throw new UnknownQueryOptionError(option);
  }
  const expand = query.get("$expand");
  if (expand !== null && expand !== expandable) {
    throw new ApiError(400, "ODataError", `'${expand}' cannot be expanded.`);
  }

  const filter = query.get("$filter");
  const order = readOrder(query.get("$orderby"), filterable);
  const top = readCount(query, "$top");
  const skip = readCount(query, "$skip") ?? 0;
  if (top !== undefined && top > largestPage) {
    throw new ApiError(400, "ODataError", `$top may be ${largestPage} at most, and is ${top}.`);
  }

  return {
    filter: filter === null ? everything : parseFilter(filter, filterable),
    expands: expand !== null,
    page(rows) {
      const end = skip + (top ?? usualPage);
      const value = order(rows).slice(skip, end);
      const count = query.get("$count") === "true" ? { "@odata.count": rows.length } : {};
      if ((top !== undefined && !isGraph) || end >= rows.length) return { ...count, value };
      const nextQuery = new URLSearchParams(query);
      nextQuery.set("$skip", String(end));
      return { ...count, value, "@odata.nextLink": linkTo(address, nextQuery) };
    },
  };
}

/** OData clients are used to seeing the dollar signs themselves. */
export const linkTo = (address: string, query: URLSearchParams): string =>
  `${address}?${query.toString().replaceAll("%24", "$")}`;

/** A whole number among the query's options, `undefined` if it is not there. */
export function readCount(query: URLSearchParams, option: string): number | undefined {
  const written = query.get(option);
  if (written === null) return undefined;
  if (!/^\d+$/.test(written)) {
    throw new ApiError(400, "ODataError", `${option} must be a whole number, not '${written}'.`);
  }
  return Number(written);
}

function readOrder(written: string | null, filterable: Filterable): <T extends Row>(rows: T[]) => T[] {
  if (written === null) return (rows) => rows;
  const [, name = "", direction = "asc"] = /^(\w+)(?:\s+(asc|desc))?$/i.exec(written.trim()) ?? [];
  const property = propertyNamed(name, filterable);
  if (!property) throw new ApiError(400, "ODataError", `The list cannot be ordered by '${written}' ($orderby).`);
  const kind = filterable[property] ?? "text";
  const sign = direction.toLowerCase() === "desc" ? -1 : 1;
  return (rows) =>
    rows
      .map((row) => ({ row, value: comparable(row[property], kind) ?? "" }))
      .sort((one, other) => sign * (one.value < other.value ? -1 : one.value > other.value ? 1 : 0))
      .map(({ row }) => row);
}
