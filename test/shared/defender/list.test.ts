import { expect, test } from "vitest";
import { z } from "zod";
import { defineCall } from "../../../shared/defender/call.ts";
import { allOf, linkedRowsOf, Page, rowsOf } from "../../../shared/defender/odata/list.ts";
import type { Send } from "../../../shared/defender/send.ts";

const list = defineCall({
  name: "things.list",
  method: "GET",
  path: "/api/things",
  permissions: ["Thing.Read"],
  page: "get-things",
  answer: Page,
});
const Thing = z.looseObject({ id: z.string() });

/** A service that answers with the next page each time, the last one for ever, and what it was asked. */
function pages(...answers: object[]) {
  const asked: (Record<string, string> | undefined)[] = [];
  const send = (async (_call: unknown, { query }: { query?: Record<string, string> }) => {
    asked.push(query);
    return answers[Math.min(asked.length, answers.length) - 1];
  }) as Send;
  return { asked, send };
}

const things = (...ids: string[]) => ids.map((id) => ({ id }));
const idsOf = async (rows: AsyncIterable<{ id: string }>) => (await allOf(rows)).map(({ id }) => id);

test("asks for page after page until one is not full", async () => {
  const { asked, send } = pages({ value: things("a", "b") }, { value: things("c") });

  expect(await idsOf(rowsOf(send, list, {}, {}, { row: Thing, pageSize: 2 }))).toEqual(["a", "b", "c"]);
  expect(asked).toEqual([{ $top: "2" }, { $top: "2", $skip: "2" }]);
});

test("gives a row once that new ones have pushed to the next page", async () => {
  const { send } = pages({ value: things("a", "b") }, { value: things("b", "c") }, { value: [] });

  expect(await idsOf(rowsOf(send, list, {}, {}, { row: Thing, pageSize: 2 }))).toEqual(["a", "b", "c"]);
});

test("ends with a service that sends the same page whatever is skipped", async () => {
  const { asked, send } = pages({ value: things("a", "b") });

  expect(await idsOf(rowsOf(send, list, {}, {}, { row: Thing, pageSize: 2 }))).toEqual(["a", "b"]);
  expect(asked).toHaveLength(2);
});

test("goes on after a short page that says there is more", async () => {
  const { send } = pages({ value: things("a"), "@odata.nextLink": "https://x/?$skip=1" }, { value: things("b") });

  expect(await idsOf(rowsOf(send, list, {}, {}, { row: Thing, pageSize: 2 }))).toEqual(["a", "b"]);
});

test("asks for no more rows than are wanted", async () => {
  const { asked, send } = pages({ value: things("a", "b") }, { value: things("c") });

  await allOf(rowsOf(send, list, {}, { atMost: 3 }, { row: Thing, pageSize: 2 }));
  expect(asked).toEqual([{ $top: "2" }, { $top: "1", $skip: "2" }]);
});

test("leaves an odd row out, and keeps its neighbours", async () => {
  const value = [{ id: "a" }, { id: 5 }, null, "row", { id: "b" }];

  expect(await idsOf(rowsOf(pages({ value }).send, list, {}, {}, { row: Thing }))).toEqual(["a", "b"]);
  expect(await idsOf(linkedRowsOf(pages({ value }).send, list, {}, { row: Thing }))).toEqual(["a", "b"]);
});

test("follows links by their query alone, also one without a scheme", async () => {
  const { asked, send } = pages(
    { value: things("a"), "@odata.nextLink": "https://elsewhere.example/steal?$skiptoken=t1" },
    { value: things("b"), "@odata.nextLink": "api.security.microsoft.com/api/things?pagesize=1&$skiptoken=t%2B2" },
    { value: things("c") },
  );

  expect(await idsOf(linkedRowsOf(send, list, { query: { pageSize: "1" } }, { row: Thing }))).toEqual(["a", "b", "c"]);
  expect(asked).toEqual([{ pageSize: "1" }, { $skiptoken: "t1" }, { pagesize: "1", $skiptoken: "t+2" }]);
});

test("ends where links lead in a circle", async () => {
  const { asked, send } = pages({ value: things("a"), "@odata.nextLink": "https://x/?$skiptoken=t1" });

  await allOf(linkedRowsOf(send, list, {}, { row: Thing }));
  expect(asked).toHaveLength(2);
});

test("keeps rows of one id that links lead to: an export has them for two device groups", async () => {
  const { send } = pages({ value: things("a", "a") });

  expect(await idsOf(linkedRowsOf(send, list, {}, { row: Thing }))).toEqual(["a", "a"]);
});

test("sends on a token from a link as it is, with its pluses and question marks", async () => {
  const { asked, send } = pages(
    { value: things("a"), "@odata.nextLink": "https://x/api/things?$skiptoken=ab+c/d?e==" },
    { value: things("b") },
  );

  await allOf(linkedRowsOf(send, list, {}, { row: Thing }));
  expect(asked[1]).toEqual({ $skiptoken: "ab+c/d?e==" });
});
