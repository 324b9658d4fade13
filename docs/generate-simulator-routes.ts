import { readFileSync, writeFileSync } from "node:fs";
import { defenderRoutes, GRAPH_PATH } from "../local/defender/api/defender-api.ts";
import type { Route } from "../local/defender/api/route.ts";
import { type CallLimit, USUAL_LIMIT } from "../local/defender/api/throttle.ts";

const page = new URL("simulator.md", import.meta.url);

const START = "<!-- routes: written by `npm run docs` -->";
const END = "<!-- end of routes -->";

/** The page as it is written. */
export const writtenPage = (): string => readFileSync(page, "utf8");

/** The page with the table of every call the simulator knows between its markers. */
export function withRouteTable(text: string): string {
  const [before, rest] = splitAt(text, START);
  const [, after] = splitAt(rest, END);
  return `${before}${START}\n\n${routeTable()}\n\n${END}${after}`;
}

function routeTable(): string {
  const rows = defenderRoutes.map((route) => [
    `\`${route.method} ${pathOf(route)}\``,
    route.roles.join(" or "),
    limitOf(route),
  ]);
  return [["Call", "Permission", "Limit"], ["---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

const pathOf = ({ service, path }: Route): string => `${service === "graph" ? GRAPH_PATH : "/api"}${path}`;

function limitOf({ limit = USUAL_LIMIT, limitPer = "app" }: Route): string {
  return `${inWords(limit)}${limitPer === "tenant" ? " for the tenant" : ""}`;
}

const inWords = ({ perMinute, perHour }: CallLimit): string =>
  [perMinute && `${perMinute} a minute`, perHour && `${perHour} an hour`].filter(Boolean).join(", ");

function splitAt(text: string, marker: string): [before: string, after: string] {
  const at = text.indexOf(marker);
  if (at < 0) throw new Error(`docs/simulator.md has lost its line "${marker}"`);
  return [text.slice(0, at), text.slice(at + marker.length)];
}

if (import.meta.main) writeFileSync(page, withRouteTable(writtenPage()));
