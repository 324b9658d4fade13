import type { Reply } from "../http.ts";
import type { Row } from "../state/table.ts";
import { notFound } from "./error.ts";
import type { Filterable } from "./odata-filter.ts";
import { type ListOptions, readListQuery } from "./odata-list.ts";
import type { Call } from "./route.ts";

/** Answers with the rows that the query asks for. */
export function answerList(
  { query, address, context }: Call,
  entity: string,
  rows: Row[],
  filterable: Filterable = {},
  options: Omit<ListOptions, "address"> = {},
): Reply {
  const { filter, page } = readListQuery(query, filterable, { address, ...options });
  return { status: 200, body: { "@odata.context": context(entity), ...page(rows.filter(filter.matches)) } };
}

/** Answers with one entity, or refuses. `what` and `id` name it to whoever asks for it. */
export function answerEntity({ context }: Call, entity: string, row: Row | undefined, what: string, id: string): Reply {
  if (!row) throw notFound(what, id);
  return { status: 200, body: { "@odata.context": context(`${entity}/$entity`), ...row } };
}
