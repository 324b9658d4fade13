import { ApiError, UnknownQueryOptionError } from "./error.ts";
import { type Filter, type Filterable, parseFilter } from "./odata-filter.ts";

/** No list call returns more rows than this at once. */
const LARGEST_PAGE = 10_000;

export interface ListQuery {
  filter: Filter;
  /** Whether the rows should come with their evidence. */
  expandsEvidence: boolean;
  /** Cuts the page asked for out of all rows that match. */
  page<T>(rows: T[]): { value: T[]; "@odata.nextLink"?: string };
}

const everything: Filter = { matches: () => true, possible: () => undefined };

/**
 * Reads the OData options of a list call. Without `$top`, a list longer than a page ends in a link to the next page;
 * with `$top` there is none.
 *
 * @throws ApiError for unknown options (`$stop`, `$select`, `$orderby`, ...), bad filters and pages over 10,000 rows
 */
export function readListQuery(
  query: URLSearchParams,
  filterable: Filterable,
  { address, canExpand = false }: { address: string; canExpand?: boolean },
): ListQuery {
  for (const option of query.keys()) {
    const isKnown = ["$filter", "$top", "$skip"].includes(option) || (canExpand && option === "$expand");
    if (option.startsWith("$") && !isKnown) throw new UnknownQueryOptionError(option);
  }
  const expand = query.get("$expand");
  if (expand !== null && expand !== "evidence")
    throw new ApiError(400, "ODataError", `'${expand}' cannot be expanded.`);

  const filter = query.get("$filter");
  const top = readCount(query, "$top");
  const skip = readCount(query, "$skip") ?? 0;
  if (top !== undefined && top > LARGEST_PAGE) {
    throw new ApiError(400, "ODataError", `$top may be ${LARGEST_PAGE} at most, and is ${top}.`);
  }

  return {
    filter: filter === null ? everything : parseFilter(filter, filterable),
    expandsEvidence: expand === "evidence",
    page(rows) {
      const end = skip + (top ?? LARGEST_PAGE);
      const value = rows.slice(skip, end);
      if (top !== undefined || end >= rows.length) return { value };
      const nextQuery = new URLSearchParams(query);
      nextQuery.set("$skip", String(end));
      // OData clients are used to seeing the dollar signs themselves.
      return { value, "@odata.nextLink": `${address}?${nextQuery.toString().replaceAll("%24", "$")}` };
    },
  };
}

function readCount(query: URLSearchParams, option: string): number | undefined {
  const written = query.get(option);
  if (written === null) return undefined;
  if (!/^\d+$/.test(written))
    throw new ApiError(400, "ODataError", `${option} must be a whole number, not '${written}'.`);
  return Number(written);
}
