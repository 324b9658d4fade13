import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { GRAPH, simulatedDefender, XDR } from "./simulated-defender.ts";

let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(() => defender.control.reset());

const hunt = (Query: string) => defender.call("POST", "/api/advancedqueries/run", { Query });
const huntInGraph = (Query: string) =>
  defender.callAs(["ThreatHunting.Read.All"], { audience: GRAPH })("POST", "/graph/v1.0/security/runHuntingQuery", {
    Query,
    Timespan: "P7D",
  });

const rows = [{ Timestamp: "2026-01-05T08:00:00.1234567Z", DeviceId: "d1", ReportId: 9007199254740993n }];

test("a query finds what it was told to find, on all three interfaces", async () => {
  await defender.control.addHuntingAnswer({ contains: "deviceprocessevents", rows: [{ FileName: "a.exe", Count: 2 }] });
  const query = "DeviceProcessEvents | take 1";
  const xdr = defender.callAs(["AdvancedHunting.Read.All"], { audience: XDR });
  const Schema = [
    { Name: "FileName", Type: "String" },
    { Name: "Count", Type: "Int64" },
  ];
  const Results = [{ FileName: "a.exe", Count: 2 }];

  expect((await hunt(query)).body).toEqual({ Schema, Results });
  expect((await xdr("POST", "/api/advancedhunting/run", { Query: query })).body).toMatchObject({ Schema, Results });
  expect((await huntInGraph(query)).body).toMatchObject({
    schema: [
      { name: "FileName", type: "String" },
      { name: "Count", type: "Int64" },
    ],
    results: Results,
  });
});

test("the answer put last counts, and a pattern does as well as a text", async () => {
  await defender.control.addHuntingAnswer({ contains: "DeviceInfo", rows: [{ n: 1 }] });
  await defender.control.addHuntingAnswer({ pattern: "DeviceInfo.*DeviceId == ['\"]d2", rows: [{ n: 2 }] });

  expect((await hunt("DeviceInfo | where DeviceId == 'd1'")).body.Results).toEqual([{ n: 1 }]);
  expect((await hunt("DeviceInfo\n| where DeviceId == 'd2'")).body.Results).toEqual([{ n: 2 }]);
});

test("numbers that JavaScript cannot hold are printed digit by digit", async () => {
  await defender.control.addHuntingAnswer({ contains: "DeviceEvents", rows });
  const response = await fetch(`${defender.apiUrl}/api/advancedqueries/run`, {
    method: "POST",
    headers: { authorization: `Bearer ${defender.issueToken()}` },
    body: JSON.stringify({ Query: "DeviceEvents" }),
  });

  expect(await response.text()).toContain('"ReportId":9007199254740993');
});

test("a query nobody has an answer for finds nothing, in the columns it projects", async () => {
  expect((await hunt("DeviceEvents | project Timestamp, Name = FileName | take 5")).body).toEqual({
    Schema: [
      { Name: "Timestamp", Type: "DateTime" },
      { Name: "Name", Type: "String" },
    ],
    Results: [],
  });
});

describe("a query that is not KQL is refused", () => {
  test.each([
    ["DeviceEvents | where FileName == 'a", "a quote is not closed"],
    ["DeviceEvents | where (FileName == 'a'", "')' is missing"],
    ["DeviceEvents | where FileName in ('a'])", "']' closes nothing"],
    ["// only a comment", "it is empty"],
  ])("%s", async (query, reason) => {
    for (const { status, body } of [await hunt(query), await huntInGraph(query)]) {
      expect({ status, message: body.error.message }).toEqual({
        status: 400,
        message: expect.stringContaining(reason),
      });
    }
  });

  test("but brackets and quotes in texts and comments are none of its own", async () => {
    const query = `DeviceEvents | where Path == @"c:\\(x" and Name == "it's \\"[" // it's (so`;

    expect((await hunt(query)).status).toBe(200);
  });
});

test("a result over the allowed size is refused with 400", async () => {
  await defender.control.settings({ largestHuntingResultBytes: 50 });
  await defender.control.addHuntingAnswer({ contains: "DeviceEvents", rows });

  expect(await hunt("DeviceEvents")).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining("allowed result size") } },
  });
});

test("45 queries a minute are for all apps of the tenant together", async () => {
  await defender.control.settings({ throttling: true });
  const other = defender.callAs(["AdvancedQuery.Read.All"], { clientId: "other-app" });
  const half = Array.from({ length: 23 }, (_, number) => number);
  await Promise.all(half.map(() => hunt("DeviceInfo")));
  const answers = await Promise.all(half.map(() => other("POST", "/api/advancedqueries/run", { Query: "DeviceInfo" })));

  expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
});
