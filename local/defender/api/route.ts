import type { Reply, Request } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import type { ServiceName } from "../state/app-registration.ts";
import type { CallLimit } from "./throttle.ts";

/** A call whose caller is known and allowed. */
export interface Call {
  simulator: Simulator;
  /** Client id of the app that calls. */
  appId: string;
  /** The application permissions of the app. */
  granted: readonly string[];
  /** In lower case, as Node has them. */
  headers: Request["headers"];
  /** The parts of the address that the route leaves open, by name. */
  ids: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** The JSON body, `undefined` without one. */
  body: unknown;
  /** The body as it came, for calls that take a form. */
  bytes: Buffer;
  /** The address called, without its query. */
  address: string;
  /** What entities are described by: `context("Alerts")` goes into `@odata.context`. */
  context(entity: string): string;
}

/** One call of the Defender API. */
export interface Route {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /**
   * Below `/api`, or `/graph/v1.0` with service `graph`, e.g. `/machines/{machineId}/isolate` or `/machines/find(key={ip})`;
   * matched without regard to case.
   */
  path: string;
  /** Whose token the caller needs. @default "defender" */
  service?: ServiceName;
  /** Application permissions of which the caller needs one. */
  roles: readonly string[];
  /** Delegated permissions of which a user needs one. @default the roles without their `.All`, for the most part */
  delegated?: readonly string[];
  /** @default `USUAL_LIMIT` */
  limit?: CallLimit;
  /** Whose calls the limit counts together. @default "app" */
  limitPer?: "app" | "tenant";
  /** For the journal: the type of machine action it asks for. */
  actionType?: string;
  perform(call: Call): Reply | Promise<Reply>;
}

/** Finds the route for a path below `/api`, with the ids in it. */
export type FindRoute = (method: string, path: string) => { route: Route; ids: Record<string, string> } | undefined;

/** Takes a segment of an address if it fits, and the ids in it. */
type Segment = (given: string, ids: Record<string, string>) => boolean;

/** Makes ready a list of routes. Where two fit, the earlier one is taken. */
export function createRouter(routes: readonly Route[]): FindRoute {
  const byShape = new Map<string, { route: Route; segments: Segment[] }[]>();
  for (const route of routes) {
    const segments = route.path.split("/").slice(1);
    const key = shapeOf(route.method, segments);
    byShape.set(key, [...(byShape.get(key) ?? []), { route, segments: segments.map(prepareSegment) }]);
  }

  return (method, path) => {
    const given = path.split("/").slice(1);
    for (const { route, segments } of byShape.get(shapeOf(method, given)) ?? []) {
      const ids: Record<string, string> = {};
      if (segments.every((take, index) => take(given[index] as string, ids))) return { route, ids };
    }
    return undefined;
  };
}

/** Routes of one shape have the method, the collection and the length in common: few enough to try in turn. */
const shapeOf = (method: string, segments: string[]): string =>
  `${method} ${segments[0]?.toLowerCase()} ${segments.length}`;

function prepareSegment(segment: string): Segment {
  const [before = "", name = "", after = "", ...rest] = segment.split(/[{}]/);
  if (!name) return (given) => given.toLowerCase() === segment.toLowerCase();
  if (!before && !after) {
    return (given, ids) => {
      ids[name] = decodeSegment(given);
      return true;
    };
  }
  const parts = [before, name, after, ...rest];
  const pattern = parts.map((part, index) => (index % 2 === 1 ? `(?<${part}>.*)` : literally(part))).join("");
  const shape = new RegExp(`^${pattern}$`, "i");
  return (given, ids) => {
    const found = shape.exec(decodeSegment(given));
    return found !== null && Object.assign(ids, found.groups) !== null;
  };
}

const literally = (text: string): string => text.replace(/[$()]/g, "\\$&");

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
