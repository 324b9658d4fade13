import type { Row } from "../../state/table.ts";
import { ApiError } from "../error.ts";
import { linkTo, readCount } from "../odata-list.ts";
import type { Call, Route } from "../route.ts";
import { type Assessment, assessments } from "./assessments.ts";

const USUAL_PAGE = 50_000;
const LARGEST_PAGE = 200_000;
const LONGEST_DELTA_MS = 14 * 24 * 60 * 60_000;

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-assessment-methods-properties */
export const pagedExportRoutes: readonly Route[] = assessments.flatMap((assessment) =>
  assessment.paged ? [pagedRoute(assessment.paged, assessment)] : [],
);

function pagedRoute(name: string, assessment: Assessment): Route {
  return {
    method: "GET",
    path: `/machines/${name}`,
    roles: [assessment.role],
    limit: { perMinute: 30, perHour: 1000 },
    perform(call) {
      const type = `Collection(microsoft.windowsDefenderATP.api.${assessment.type})`;
      return { status: 200, body: { "@odata.context": call.context(type), ...pageOf(call, rowsOf(call, assessment)) } };
    },
  };
}

function rowsOf({ simulator: { tenant }, query }: Call, { table, isDelta }: Assessment): Row[] {
  const rows = tenant.tables[table].all();
  if (!isDelta) return rows;
  const sinceTime = query.get("sinceTime") ?? "";
  const since = Date.parse(sinceTime);
  if (Number.isNaN(since)) throw new ApiError(400, "MissingRequiredParameter", "'sinceTime' must be given as a time.");
  if (since < tenant.now() - LONGEST_DELTA_MS) {
    throw new ApiError(400, "BadRequest", `'sinceTime' may be 14 days back at most, and is ${sinceTime}.`);
  }
  return rows.filter(({ eventTimestamp }) => timeOf(eventTimestamp) >= since);
}

/** Rows carry times without a zone, in UTC. */
const timeOf = (written: unknown): number => Date.parse(`${String(written).replace(" ", "T").replace(/Z$/, "")}Z`);

/** A page, and the way to the next one. With `$top` there is no such way. */
function pageOf({ query, address }: Call, rows: Row[]): { value: Row[]; "@odata.nextLink"?: string } {
  const start = readToken(query.get("$skiptoken"));
  const top = readCount(query, "$top");
  const pageSize = readCount(query, sizeOption(query)) ?? USUAL_PAGE;
  if (pageSize < 1 || pageSize > LARGEST_PAGE) {
    throw new ApiError(400, "BadRequest", `pageSize may be from 1 to ${LARGEST_PAGE}, and is ${pageSize}.`);
  }
  const end = start + Math.min(top ?? pageSize, pageSize);
  const value = rows.slice(start, end);
  if (top !== undefined || end >= rows.length) return { value };
  const next = new URLSearchParams(query);
  next.set("$skiptoken", Buffer.from(JSON.stringify({ LineStoppedAt: end })).toString("base64url"));
  return { value, "@odata.nextLink": linkTo(address, next) };
}

/** The name is taken in any case: links print `pagesize`. */
const sizeOption = (query: URLSearchParams): string =>
  [...query.keys()].find((option) => option.toLowerCase() === "pagesize") ?? "pageSize";

function readToken(token: string | null): number {
  if (token === null) return 0;
  try {
    const { LineStoppedAt } = JSON.parse(Buffer.from(token, "base64url").toString()) as { LineStoppedAt: unknown };
    if (typeof LineStoppedAt === "number") return LineStoppedAt;
  } catch {
    // Not one of ours.
  }
  throw new ApiError(400, "BadRequest", "The $skiptoken is not valid.");
}
