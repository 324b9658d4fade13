import { type Answered, type Asked, startFeedServer } from "./feed-server.ts";

/** An attribute, as far as the search looks at it. */
export interface MispAttribute {
  uuid: string;
  type: string;
  value: string;
  timestamp: string;
  to_ids?: boolean;
  deleted?: boolean;
  [property: string]: unknown;
}

export interface MispHabits {
  key: string;
  /** Larger pages end with an internal error, as where memory runs out. */
  breaksAbove?: number;
  /** Attributes that the reader may not see: they are left out of their pages, which are short then. */
  hidden?: (attribute: MispAttribute) => boolean;
}

/** A MISP instance that answers `POST /attributes/restSearch`. */
export async function startMispServer({ key, breaksAbove = Number.POSITIVE_INFINITY, hidden }: MispHabits) {
  const attributes: MispAttribute[] = [];

  function answer({ method, path, headers, body }: Asked): Answered {
    if (headers.authorization !== key) {
      return { status: 403, body: { name: "Authentication failed.", message: "Authentication failed.", url: path } };
    }
    if (method !== "POST" || path !== "/attributes/restSearch") return { status: 404, body: { name: "Not Found" } };
    const asked = JSON.parse(body);
    const { limit = 60, page = 1 } = asked;
    if (limit > breaksAbove) return { status: 500, body: { name: "An Internal Error Has Occurred." } };
    const found = attributes.filter((attribute) => fits(attribute, asked)).slice((page - 1) * limit, page * limit);
    const shown = found.filter((attribute) => !hidden?.(attribute));
    return {
      headers: {
        "content-type": "application/json",
        "x-result-count": String(shown.length),
        "x-skipped-elements-count": String(found.length - shown.length),
      },
      body: { response: { Attribute: shown } },
    };
  }

  const server = await startFeedServer(answer);
  return { ...server, add: (...more: MispAttribute[]) => void attributes.push(...more) };
}

/** 1 = only flagged, "exclude" = only those that are not; deleted ones only where they are asked for. */
function fits(
  { to_ids = true, deleted = false, timestamp, type }: MispAttribute,
  asked: Record<string, unknown>,
): boolean {
  const types = (asked.type as { OR?: string[] } | undefined)?.OR;
  const wantsDeleted = [asked.deleted].flat().some((one) => one === 1 || one === true);
  const wantsLive = asked.deleted === undefined || [asked.deleted].flat().some((one) => one === 0);
  return (
    (!types || types.includes(type)) &&
    (asked.to_ids !== 1 || to_ids) &&
    (asked.to_ids !== "exclude" || !to_ids) &&
    (deleted ? wantsDeleted : wantsLive) &&
    (asked.attribute_timestamp === undefined || Number(timestamp) >= Number(asked.attribute_timestamp))
  );
}
