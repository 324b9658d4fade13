import type { Reply } from "../http.ts";
import type { Simulator } from "../simulator.ts";
import type { ServiceName } from "../state/app-registration.ts";
import type { CallLimit } from "./throttle.ts";

/** A call whose caller is known and allowed. */
export interface Call {
  simulator: Simulator;
  /** Client id of the app that calls. */
  appId: string;
  /** The parts of the address that the route leaves open, by name. */
  ids: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** The JSON body, `undefined` without one. */
  body: unknown;
  /** The address called, without its query. */
  address: string;
  /** What entities are described by: `context("Alerts")` goes into `@odata.context`. */
  context(entity: string): string;
}

/** One call of the Defender API. */
export interface Route {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below `/api`, e.g. `/machines/{machineId}/isolate`; matched without regard to case. */
  path: string;
  /** Whose token the caller needs. @default "defender" */
  service?: ServiceName;
  /** Application permissions of which the caller needs one. */
  roles: readonly string[];
  /** @default `USUAL_LIMIT` */
  limit?: CallLimit;
  /** For the journal: the type of machine action it asks for. */
  actionType?: string;
  perform(call: Call): Reply | Promise<Reply>;
}

/** Finds the route for a path below `/api`, with the ids in it. */
export type FindRoute = (method: string, path: string) => { route: Route; ids: Record<string, string> } | undefined;

/** Makes ready a list of routes. Where two fit, the earlier one is taken. */
export function createRouter(routes: readonly Route[]): FindRoute {
  const byShape = new Map<string, { route: Route; segments: string[] }[]>();
  for (const route of routes) {
    const segments = route.path.split("/").slice(1);
    const key = shapeOf(route.method, segments);
    byShape.set(key, [...(byShape.get(key) ?? []), { route, segments }]);
  }

  return (method, path) => {
    const given = path.split("/").slice(1);
    for (const { route, segments } of byShape.get(shapeOf(method, given)) ?? []) {
      const ids = matchSegments(segments, given);
      if (ids) return { route, ids };
    }
    return undefined;
  };
}

/** Routes of one shape have the method, the collection and the length in common: few enough to try in turn. */
const shapeOf = (method: string, segments: string[]): string =>
  `${method} ${segments[0]?.toLowerCase()} ${segments.length}`;

function matchSegments(segments: string[], given: string[]): Record<string, string> | undefined {
  const ids: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index] as string;
    if (segment.startsWith("{")) ids[segment.slice(1, -1)] = decodeSegment(value);
    else if (segment.toLowerCase() !== value.toLowerCase()) return undefined;
  }
  return ids;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
