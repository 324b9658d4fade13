import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as df from "durable-functions";
import { expect, test } from "vitest";
import { toCreated } from "../../../local/host/durable/history.ts";
import { engineWith } from "./engine-under-test.ts";

type Handler = (request: IncomingMessage & { body: string }, response: ServerResponse) => void;

/** What the library gives for an answer; it does not export the type. */
interface HttpAnswer {
  statusCode: number;
  content: string;
  getHeader(name: string): string;
}

/** A server on this machine that notes what it is asked. */
async function serverWith(handler: Handler) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    asked.push(`${request.method} ${request.url} ${request.headers["x-functions-key"] ?? "-"} ${body}`.trim());
    handler(Object.assign(request, { body }), response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => server.close(),
  };
}

test("calls over HTTP and gives whatever status comes back", async () => {
  using server = await serverWith((request, response) => {
    response.writeHead(request.url === "/teapot" ? 418 : 200, { "x-kind": "tea" }).end(`got ${request.body}`);
  });
  await using engine = await engineWith(() => {
    df.app.orchestration("call", function* (context) {
      const post: HttpAnswer = yield context.df.callHttp({
        method: "POST",
        url: `${server.url}/pour`,
        body: { cups: 2 },
        headers: { "x-functions-key": "k" },
      });
      const teapot: HttpAnswer = yield context.df.callHttp({ method: "GET", url: `${server.url}/teapot` });
      return [post.statusCode, post.content, post.getHeader("X-Kind"), teapot.statusCode];
    });
  });
  const id = await engine.client.startNew("call");

  expect((await engine.ended(id)).output).toEqual([200, 'got {"cups":2}', "tea", 418]);
  expect(server.asked).toEqual(['POST /pour k {"cups":2}', "GET /teapot -"]);
});

test("asks again where the answer says, when it says, beside an activity and over a restart", async () => {
  let polls = 0;
  using server = await serverWith((request, response) => {
    if (request.url === "/start") {
      response.writeHead(202, { location: "/status", "retry-after": "10" }).end();
      return;
    }
    polls += 1;
    // The first is complete, the second in terms of where it was asked.
    const location = polls === 1 ? `${server.url}/status/1` : "2";
    if (polls < 3) response.writeHead(202, { location, "retry-after": "5" }).end();
    else response.end("ready");
  });
  await using engine = await engineWith(() => {
    df.app.activity("echo", { handler: (value: string) => value });
    df.app.orchestration("poll", function* (context) {
      const [answer, beside] = (yield context.df.Task.all([
        context.df.callHttp({
          method: "POST",
          url: `${server.url}/start`,
          body: "please",
          headers: { "x-functions-key": "k" },
        }),
        context.df.callActivity("echo", "beside"),
      ])) as [HttpAnswer, string];
      const after: string = yield context.df.callActivity("echo", "after");
      return [answer.content, beside, after, context.df.currentUtcDateTime.toISOString()];
    });
  });
  const id = await engine.client.startNew("poll");
  await engine.until(() => server.asked.length === 1);
  await engine.completed(id, 2);
  await engine.restart();
  engine.clock.advance(9_000);
  await new Promise((resume) => setTimeout(resume, 30));
  expect(polls).toBe(0);
  engine.clock.advance(1_000);
  await engine.completed(id, 3);
  engine.clock.advance(5_000);
  await engine.completed(id, 4);
  engine.clock.advance(5_000);

  expect((await engine.ended(id)).output).toEqual(["ready", "beside", "after", "2026-01-05T09:00:20.000Z"]);
  expect(server.asked).toEqual(["POST /start k please", "GET /status -", "GET /status/1 -", "GET /status/2 -"]);
  const ids = engine.engine.history(id).flatMap((event) => toCreated(event)?.id ?? []);
  expect(ids.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("makes several calls at once, with polling and without", async () => {
  using server = await serverWith((request, response) => response.end(`${request.method} ${request.url}`));
  await using engine = await engineWith(() => {
    df.app.orchestration("many", function* (context) {
      const calls = ["a", "b", "c", "d"].map((path, index) =>
        context.df.callHttp({ method: "GET", url: `${server.url}/${path}`, enablePolling: index % 2 === 0 }),
      );
      const answers: { content: string }[] = yield context.df.Task.all(calls);
      return answers.map(({ content }) => content);
    });
    df.app.orchestration("plain", function* (context) {
      const calls = ["a", "b", "c", "d"].map((path) =>
        context.df.callHttp({ method: "POST", url: `${server.url}/${path}`, enablePolling: false }),
      );
      const answers: { content: string }[] = yield context.df.Task.all(calls);
      return answers.map(({ content }) => content);
    });
  });
  const many = await engine.ended(await engine.client.startNew("many"));
  const plain = await engine.ended(await engine.client.startNew("plain"));

  expect(many.output).toEqual(["GET /a", "GET /b", "GET /c", "GET /d"]);
  expect(plain.output).toEqual(["POST /a", "POST /b", "POST /c", "POST /d"]);
});

test("fails a call that gets no answer, and one that wants an identity this machine has not", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("try", function* (context) {
      const failures: string[] = [];
      const tokenSource = new df.ManagedIdentityTokenSource("https://api.security.microsoft.com");
      for (const options of [{ url: "http://127.0.0.1:1/" }, { url: "http://127.0.0.1:1/", tokenSource }]) {
        try {
          yield context.df.callHttp({ method: "GET", ...options });
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
      return failures;
    });
  });

  expect((await engine.ended(await engine.client.startNew("try"))).output).toEqual([
    expect.stringContaining("127.0.0.1:1"),
    expect.stringContaining("no managed identity"),
  ]);
});
