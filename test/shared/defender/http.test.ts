import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { z } from "zod";
import { createDefenderRequest } from "../../../shared/defender/http.ts";

type Answer = { status: number; headers?: Record<string, string>; body?: string };

/** A server that gives the scripted answers in turn, the last one for ever, and the tokens it was shown. */
async function scripted(...answers: Answer[]) {
  const tokens: string[] = [];
  let tokensIssued = 0;
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization ?? "");
    const { status, headers = {}, body = "{}" } = answers[Math.min(tokens.length, answers.length) - 1] as Answer;
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const getToken = async () => {
    await new Promise((resume) => setTimeout(resume, 5));
    return { token: `t${++tokensIssued}`, expiresOnTimestamp: Date.now() + 3_600_000 };
  };
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request = createDefenderRequest({ apiUrl, scope: "scope", credential: { getToken }, timeoutMs: 300 });
  return {
    tokens,
    get: () => request({ method: "GET", path: "/api/machines", answer: z.object({ id: z.string() }) }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const good: Answer = { status: 200, body: '{"id":"m1"}' };

test("waits for a short Retry-After and goes on", async () => {
  await using service = await scripted({ status: 429, headers: { "retry-after": "0" } }, good);

  expect(await service.get()).toEqual({ id: "m1" });
});

test("reports a long Retry-After instead of holding the activity", async () => {
  await using service = await scripted({ status: 429, headers: { "retry-after": "120" } });

  await expect(service.get()).rejects.toMatchObject({ name: "DefenderUnavailableError", retryAfterMs: 120_000 });
});

test("tries once more with a new token when the token is not accepted", async () => {
  await using service = await scripted({ status: 401, body: "" }, good);

  expect(await service.get()).toEqual({ id: "m1" });
  expect(service.tokens).toEqual(["Bearer t1", "Bearer t2"]);
});

test("fetches one token for calls made at the same time", async () => {
  await using service = await scripted(good);
  await Promise.all([service.get(), service.get(), service.get()]);

  expect(new Set(service.tokens)).toEqual(new Set(["Bearer t1"]));
});

test("carries code, call and correlation id of a refusal, and no token", async () => {
  const body = JSON.stringify({ error: { code: "Forbidden", message: "role missing", target: "c0ffee" } });
  await using service = await scripted({ status: 403, body });

  const error = await service.get().catch((thrown) => thrown);
  expect(error).toMatchObject({ name: "DefenderRefusedError", code: "Forbidden", status: 403 });
  expect(error.message).toBe("GET /api/machines answered 403 Forbidden: role missing (correlation id c0ffee)");
});

test("understands gateways that answer with HTML, an empty code or nothing", async () => {
  await using html = await scripted({ status: 502, body: "<html>Bad Gateway</html>" });
  await using emptyCode = await scripted({ status: 400, body: '{"error":{"code":"","message":"bad $top"}}' });

  await expect(html.get()).rejects.toMatchObject({ name: "DefenderUnavailableError" });
  await expect(emptyCode.get()).rejects.toMatchObject({ code: "Http400" });
});

test("reports an answer of another shape as one that may come right", async () => {
  await using service = await scripted({ status: 200, body: '{"id":5}' });

  await expect(service.get()).rejects.toThrow(/answered something unexpected/);
});
