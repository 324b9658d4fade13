import { type Answered, type Asked, startFeedServer } from "./feed-server.ts";

/** An object of the collection, and when the server took it in. */
export interface Added {
  object: { id: string; type: string };
  dateAdded: string;
}

export interface TaxiiHabits {
  user: string;
  password: string;
  /** Says `more` without `next`, as servers did before 2.1 was final. */
  goesOnByStamp?: boolean;
  /** Takes `next` with nothing else beside it. */
  takesNextAlone?: boolean;
  /** Gives the same page for ever, also by taking the stamp for one of what is new. */
  isStuck?: boolean;
}

const MEDIA_TYPE = "application/taxii+json;version=2.1";
const COLLECTION = "/api1/collections/indicators/";

/**
 * A TAXII 2.1 server with one collection. It pages as the OASIS reference server does: `next` is good only for the very
 * request it was given for, and there are no date headers where there are no objects.
 */
export async function startTaxiiServer({ user, password, ...habits }: TaxiiHabits) {
  const added: Added[] = [];
  const walks = new Map<string, { from: number; filters: string }>();
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

  function answer({ path, query, headers }: Asked): Answered {
    if (headers.authorization !== authorization) return refusal(401, "Authentication is needed");
    if (!headers.accept?.includes("application/taxii+json")) return refusal(406, "The media type is not one of ours");
    if (path !== `${COLLECTION}objects/`) return refusal(404, "There is no such collection");
    const next = query.get("next");
    const filters = filtersOf(query);
    const walk = next === null ? { from: 0, filters } : walks.get(next);
    if (!walk) return refusal(400, "The value of next is not known");
    if (habits.takesNextAlone && next !== null && filters !== "") return refusal(400, "next stands alone");
    if (!habits.takesNextAlone && walk.filters !== filters) return refusal(400, "The filters have changed on the way");
    return page(new URLSearchParams(walk.filters), walk.from, walk.filters);
  }

  function page(filters: URLSearchParams, from: number, text: string): Answered {
    const after = filters.get("added_after");
    const types = filters.get("match[type]")?.split(",");
    const limit = Number(filters.get("limit") ?? 100);
    const isNew = (dateAdded: string) => !after || dateAdded > after || (habits.isStuck && dateAdded === after);
    const all = added
      .filter(({ dateAdded }) => isNew(dateAdded))
      .filter(({ object }) => !types || types.includes(object.type));
    const shown = all.slice(from, from + limit);
    const [first] = shown;
    const last = shown.at(-1);
    if (!first || !last) return { headers: { "content-type": MEDIA_TYPE }, body: {} };
    const more = from + limit < all.length || habits.isStuck === true;
    const next = more && !habits.goesOnByStamp ? { next: `walk-${habits.isStuck ? 0 : walks.size}` } : {};
    if (next.next) walks.set(next.next, { from: habits.isStuck ? from : from + limit, filters: text });
    return {
      headers: {
        "content-type": MEDIA_TYPE,
        "x-taxii-date-added-first": first.dateAdded,
        "x-taxii-date-added-last": last.dateAdded,
      },
      body: { ...(more && { more }), ...next, objects: shown.map(({ object }) => object) },
    };
  }

  const server = await startFeedServer(answer);
  return {
    ...server,
    /** Objects are given out in the order in which they were added. */
    add: (...more: Added[]) => void added.push(...more),
    collectionUrl: server.url + COLLECTION,
  };
}

function filtersOf(query: URLSearchParams): string {
  const filters = new URLSearchParams(query);
  filters.delete("next");
  filters.sort();
  return filters.toString();
}

const refusal = (status: number, title: string): Answered => ({
  status,
  headers: { "content-type": MEDIA_TYPE },
  body: { title, http_status: String(status) },
});
