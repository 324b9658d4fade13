import { columnsOf, findAnswer } from "../state/hunting.ts";
import { ApiError } from "./error.ts";
import { kqlMistake } from "./kql.ts";
import { readParameters } from "./parameters.ts";
import type { Call, Route } from "./route.ts";

/** Stated per tenant, unlike most limits. */
const limits = { limit: { perMinute: 45, perHour: 1500 }, limitPer: "tenant" } as const;

/** https://learn.microsoft.com/en-us/defender-endpoint/api/run-advanced-query-api */
const runQuery: Route = {
  method: "POST",
  path: "/advancedqueries/run",
  roles: ["AdvancedQuery.Read.All"],
  ...limits,
  perform: (call) => hunt(call, ({ schema, rows }) => `{"Schema":${pascalCase(schema)},"Results":${rows}}`),
};

/** https://learn.microsoft.com/en-us/defender-xdr/api-advanced-hunting */
const runXdrQuery: Route = {
  method: "POST",
  path: "/advancedhunting/run",
  service: "xdr",
  roles: ["AdvancedHunting.Read.All"],
  ...limits,
  perform: (call) =>
    hunt(call, ({ schema, rows }) => `{"Stats":${STATS},"Schema":${pascalCase(schema)},"Results":${rows}}`),
};

/** https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery */
const runHuntingQuery: Route = {
  method: "POST",
  path: "/security/runHuntingQuery",
  service: "graph",
  roles: ["ThreatHunting.Read.All"],
  ...limits,
  perform(call) {
    const context = JSON.stringify(call.context("microsoft.graph.security.huntingQueryResults"));
    return hunt(
      call,
      ({ schema, rows }) => `{"@odata.context":${context},"schema":${JSON.stringify(schema)},"results":${rows}}`,
    );
  },
};

export const huntingRoutes: readonly Route[] = [runQuery, runXdrQuery, runHuntingQuery];

interface Result {
  schema: { name: string; type: string }[];
  /** As JSON. */
  rows: string;
}

/** How much of its quota the service says a query took. */
const STATS = JSON.stringify({
  ExecutionTime: 0.0156,
  resource_usage: { cache: { memory: { hits: 0, misses: 0, total: 0 } }, cpu: { "total cpu": "00:00:00.0156250" } },
  dataset_statistics: [],
});

/** Answers as it was told to. An answer is put together from text, as its numbers may be larger than JavaScript's. */
function hunt({ simulator, body }: Call, print: (result: Result) => string) {
  const { Query = "" } = readParameters(body, { Query: { required: true }, Timespan: {} });
  const mistake = kqlMistake(Query);
  if (mistake)
    throw new ApiError(400, "BadRequest", `The query could not be parsed: ${mistake}. Fix it and try again.`);
  const { tables } = simulator.tenant;
  const result = findAnswer(tables, Query) ?? { schema: columnsOf(Query), rows: "[]" };
  const most = simulator.settings.current.largestHuntingResultBytes;
  if (Buffer.byteLength(result.rows) > most) {
    const message = `Query execution has exceeded the allowed result size of ${most} bytes. Optimize your query by limiting the amount of results and try again.`;
    throw new ApiError(400, "BadRequest", message);
  }
  return { status: 200, headers: { "content-type": "application/json; charset=utf-8" }, body: print(result) };
}

const pascalCase = (schema: Result["schema"]): string =>
  JSON.stringify(schema.map(({ name, type }) => ({ Name: name, Type: type })));
