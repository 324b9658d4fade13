import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { basic, createJsonClient } from "../../../shared/tickets/json-client.ts";

const SECRET = 'pass"word/with odds';

let stop = async () => {};
afterEach(() => stop());

/** A system that answers everything with one status and text. */
async function answering(status: number, text: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(text));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stop = async () => void (await new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const messageFrom = async (status: number, text: string): Promise<string> => {
  const headers = { authorization: basic("ada", SECRET) };
  const call = createJsonClient({ name: "Desk", url: await answering(status, text), headers, secret: SECRET });
  return await call("GET", "/x?secret=1").then(String, ({ message }: Error) => message);
};

test.each([
  ["as it is", SECRET],
  ["as JSON has it", JSON.stringify({ key: SECRET })],
  ["as an address has it", encodeURIComponent(SECRET)],
  ["as it was sent", basic("ada", SECRET)],
  ["without the word before", basic("ada", SECRET).slice("Basic ".length)],
])("a secret that a system says back (%s) is no part of the message", async (_, said) => {
  const message = await messageFrom(400, `{"error": "you sent ${said}"}`);
  expect(message).toContain("you sent");
  expect(message).toContain("***");
  for (const part of ["pass", "odds", basic("ada", SECRET).slice(6, 16)]) expect(message).not.toContain(part);
});

test("a secret is no part of the message either where the message is cut in the middle of it", async () => {
  const message = await messageFrom(400, `${"x".repeat(295)}${SECRET}`);
  expect(message).toContain("xxx");
  expect(message).not.toContain("pass");
});

test("what a system says is one line without signs that turn text around, and has an end", async () => {
  const message = await messageFrom(400, `first\nsecond \u202egnp.exe ${"x".repeat(10_000)}`);
  expect(message).toContain("first second gnp.exe");
  expect(message.length).toBeLessThan(450);
});

test("a page to sign in is no answer, and the message names the settings", async () => {
  expect(await messageFrom(200, "<html>Sign in</html>")).toContain("Check TICKET_URL, TICKET_USER and TICKET_SECRET");
});

test("nothing of the query stands in a message", async () => {
  expect(await messageFrom(404, "no")).toMatch(/^Desk answered GET \/x with 404\. Check TICKET_URL and TICKET_PROJECT/);
});
