import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineCall } from "../../../shared/defender/call.ts";
import { createSend } from "../../../shared/defender/send.ts";
import { unsignedToken } from "../../helpers/token.ts";

const about = { permissions: ["Machine.Isolate"], page: "isolate-machine", answer: z.object({ id: z.string() }) };
const getMachine = defineCall({ name: "machines.get", method: "GET", path: "/api/machines/{machineId}", ...about });
const isolate = defineCall({ name: "isolate", method: "POST", path: "/api/machines/{machineId}/isolate", ...about });

type Answer = { status: number; headers?: Record<string, string>; body?: string };

/** A server that gives the scripted answers in turn, the last one for ever, and the tokens it was shown. */
async function scripted(...answers: Answer[]) {
  const tokens: string[] = [];
  const addresses: string[] = [];
  let tokensIssued = 0;
  let issued: string | undefined;
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization ?? "");
    addresses.push(request.url ?? "");
    const { status, headers = {}, body = "{}" } = answers[Math.min(tokens.length, answers.length) - 1] as Answer;
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const getToken = async () => {
    await new Promise((resume) => setTimeout(resume, 5));
    return { token: issued ?? `t${++tokensIssued}`, expiresOnTimestamp: Date.now() + 3_600_000 };
  };
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const service = { apiUrl, scope: "scope" };
  const services = { defender: service, xdr: service, graph: service };
  const send = createSend({ services, credential: { getToken }, timeoutMs: 300 });
  return {
    tokens,
    addresses,
    send,
    /** From now on every token is this one. */
    issue(token: string) {
      issued = token;
    },
    get: () => send(getMachine, { ids: { machineId: "m1" } }),
    isolate: () => send(isolate, { ids: { machineId: "m1" }, body: { Comment: "because" } }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const refusal = (code: string, message = "refused") => JSON.stringify({ error: { code, message } });
const good: Answer = { status: 200, body: '{"id":"m1"}' };

test("waits for a short Retry-After and goes on", async () => {
  await using service = await scripted({ status: 429, headers: { "retry-after": "0" } }, good);

  expect(await service.get()).toEqual({ id: "m1" });
});

test("reports a long Retry-After, and whose limit it is, instead of holding the activity", async () => {
  await using service = await scripted({ status: 429, headers: { "retry-after": "120" } });

  await expect(service.get()).rejects.toMatchObject({
    name: "DefenderThrottledError",
    retryAfterMs: 120_000,
    group: "isolate-machine",
  });
});

test("does not send twice what changes something, also when the wait is short", async () => {
  await using service = await scripted({ status: 429, headers: { "retry-after": "0" } }, good);

  await expect(service.isolate()).rejects.toMatchObject({ name: "DefenderThrottledError" });
  expect(service.tokens).toHaveLength(1);
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
  const body = JSON.stringify({ error: { code: "InvalidInput", message: "bad comment", target: "c0ffee" } });
  await using service = await scripted({ status: 400, body });

  await expect(service.isolate()).rejects.toMatchObject({
    name: "DefenderRefusedError",
    code: "InvalidInput",
    message: "POST /api/machines/m1/isolate answered 400 InvalidInput: bad comment (correlation id c0ffee)",
    call: { method: "POST", path: "/api/machines/m1/isolate", status: 400, correlationId: "c0ffee" },
  });
});

test("names the missing right, and the app it must be granted to", async () => {
  await using service = await scripted({ status: 403, body: refusal("Forbidden") });
  service.issue(unsignedToken({ appid: "app-1", aud: "defender", roles: ["Machine.Read.All"] }));

  await expect(service.isolate()).rejects.toMatchObject({
    name: "DefenderRefusedError",
    missingPermission: "Machine.Isolate",
    message: expect.stringContaining("Machine.Isolate is missing: grant it to the app app-1 and give admin consent"),
  });
});

test("points at audience and device group where the right is there", async () => {
  await using service = await scripted({ status: 403, body: refusal("Forbidden") });
  service.issue(unsignedToken({ appid: "app-1", aud: "https://elsewhere", scp: "openid Machine.Isolate" }));

  const error = await service.isolate().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ missingPermission: undefined });
  expect(String(error)).toContain("look at its audience (https://elsewhere)");
});

test("tells the same action under way, and an unknown thing, from other refusals", async () => {
  await using active = await scripted({ status: 400, body: refusal("ActiveRequestAlreadyExists") });
  await using onlyText = await scripted({ status: 400, body: refusal("", "Action is already in progress") });
  await using unknown = await scripted({ status: 404, body: refusal("ResourceNotFound") });

  await expect(active.isolate()).rejects.toMatchObject({ name: "DefenderConflictError" });
  await expect(onlyText.isolate()).rejects.toMatchObject({ name: "DefenderConflictError" });
  await expect(unknown.isolate()).rejects.toMatchObject({ name: "DefenderNotFoundError", code: "ResourceNotFound" });
});

test("says so when a 200 is not JSON, and may be tried again", async () => {
  await using service = await scripted({
    status: 200,
    headers: { "content-type": "text/html" },
    body: "<html>Sign in to the network</html>",
  });

  await expect(service.get()).rejects.toMatchObject({
    name: "DefenderUnavailableError",
    message: expect.stringMatching(/^GET \/api\/machines\/m1 answered 200 .* not JSON \(text\/html\)/),
  });
});

test("keeps numbers that a double cannot hold", async () => {
  await using service = await scripted({ status: 200, body: '{"id":"m1","reportId":9007199254740993}' });
  const send = z.looseObject({ id: z.string() });

  expect(await service.send({ ...getMachine, answer: send }, { ids: { machineId: "m1" } })).toEqual({
    id: "m1",
    reportId: "9007199254740993",
  });
});

test("encodes ids, so that none can lead elsewhere", async () => {
  await using service = await scripted(good);
  await service.send(getMachine, { ids: { machineId: "../alerts?x=1#y" } });

  expect(service.addresses).toEqual(["/api/machines/..%2Falerts%3Fx%3D1%23y"]);
});

test("understands gateways that answer with HTML, an empty code or nothing", async () => {
  await using html = await scripted({ status: 502, body: "<html>Bad Gateway</html>" });
  await using emptyCode = await scripted({ status: 400, body: '{"error":{"code":"","message":"bad $top"}}' });

  await expect(html.get()).rejects.toMatchObject({ name: "DefenderUnavailableError" });
  await expect(emptyCode.get()).rejects.toMatchObject({ code: "Http400" });
});

test("reports an answer of another shape as one that may come right", async () => {
  await using service = await scripted({ status: 200, body: '{"id":5}' });

  await expect(service.get()).rejects.toThrow(/answered 200 with something unexpected/);
});
