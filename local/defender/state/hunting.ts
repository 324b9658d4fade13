import { z } from "zod";
import type { Tables } from "./tables.ts";

/** A canned answer to the hunting queries that contain a text, or that fit a regular expression. */
export type HuntingAnswer = {
  /** The text, or the expression between slashes; case does not matter. */
  match: string;
  schema: { name: string; type: string }[];
  /** The rows as JSON, kept as text so that no digit of a large number is lost. */
  rows: string;
};

/** As the control API takes one. */
export const HuntingOrder = z
  .strictObject({
    /** A part of the query. */
    contains: z.string().min(1).optional(),
    /** A regular expression the query fits. */
    pattern: z.string().min(1).refine(isPattern, { error: "not a regular expression" }).optional(),
    rows: z.array(z.record(z.string(), z.unknown())),
    /** @default what the first row looks like */
    schema: z.array(z.strictObject({ name: z.string(), type: z.string() })).optional(),
  })
  .refine(({ contains, pattern }) => (contains === undefined) !== (pattern === undefined), {
    error: "give either 'contains' or 'pattern'",
  });
export type HuntingOrder = z.input<typeof HuntingOrder>;

/** Hunting returns no more rows than this. */
const MOST_ROWS = 100_000;

/** Takes an answer, in place of an earlier one to the same queries. Its rows that name an event make that event known. */
export function rememberAnswer(
  tables: Tables,
  { contains, pattern, rows, schema }: z.output<typeof HuntingOrder>,
): void {
  const match = contains ?? `/${pattern}/`;
  tables.put("huntingAnswers", {
    match,
    schema: schema ?? Object.entries(rows[0] ?? {}).map(([name, value]) => ({ name, type: typeOf(value) })),
    rows: JSON.stringify(rows.slice(0, MOST_ROWS)),
  });
  for (const { DeviceId, Timestamp, ReportId } of rows) {
    if (DeviceId === undefined || Timestamp === undefined || ReportId === undefined) continue;
    const reportId = JSON.stringify(ReportId).replaceAll('"', "");
    tables.put("events", { machineId: DeviceId, eventTime: Timestamp, reportId });
  }
}

/** The answer to a query; of several that fit, the one that was put last. */
export function findAnswer(tables: Tables, query: string): HuntingAnswer | undefined {
  return tables.huntingAnswers.all().findLast(({ match }) => {
    const [, pattern] = /^\/(.*)\/$/s.exec(match) ?? [];
    if (pattern !== undefined) return new RegExp(pattern, "is").test(query);
    return query.toLowerCase().includes(match.toLowerCase());
  });
}

/** What a query without an answer would show: the columns it projects, or a few that most tables have. */
export function columnsOf(query: string): HuntingAnswer["schema"] {
  const projected = [...query.matchAll(/\|\s*project\s+([^|]+)/gi)].at(-1)?.[1];
  const names = projected?.split(",").map((column) => column.split("=")[0]?.trim() ?? "") ?? ["Timestamp", "DeviceId"];
  return names
    .filter((name) => /^\w+$/.test(name))
    .map((name) => ({ name, type: name === "Timestamp" ? "DateTime" : "String" }));
}

function typeOf(value: unknown): string {
  if (typeof value === "boolean") return "SByte";
  if (typeof value === "number") return Number.isInteger(value) ? "Int64" : "Double";
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? "DateTime" : "String";
  return isExactNumber(value) ? "Int64" : "Object";
}

/** A number that was parsed as text; see `parseExactly`. */
const isExactNumber = (value: unknown): boolean => /^-?\d+$/.test(JSON.stringify(value) ?? "");

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}
