import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type HostKeys, openKeys } from "../../../local/host/keys.ts";
import { silentLog } from "../../../local/host/log.ts";
import { type HostServer, startServer } from "../../../local/host/server.ts";
import { httpTriggers } from "../../../local/host/triggers/http/http-triggers.ts";
import { type FakeFunction, fakeApp } from "../fake-app.ts";

interface ReceivedHttp {
  method: string;
  url: string;
  headers: Record<string, string>;
  params: Record<string, string>;
  query: Record<string, string>;
  body?: { bytes: Uint8Array };
}

let folder: string;
let server: HostServer;
let keys: HostKeys;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "host-"));
  server = await startServer(0, silentLog);
});

afterEach(async () => {
  await server.stop(0);
  await rm(folder, { recursive: true });
});

async function serve(...functions: FakeFunction[]) {
  const app = fakeApp(...functions);
  keys = await openKeys(join(folder, "keys.json"));
  server.serve([httpTriggers({ app, keys, routePrefix: "api", maxBodyBytes: 1000, log: silentLog })]);
}

function http(name: string, options: object, handler: FakeFunction["handler"] = () => answer(name)): FakeFunction {
  return { name, trigger: { type: "httpTrigger", authLevel: "anonymous", methods: ["GET"], ...options }, handler };
}

function answer(text: string, more: object = {}) {
  return { http: { statusCode: "200", headers: {}, cookies: [], body: { bytes: Buffer.from(text) }, ...more } };
}

test("hands method, address, headers, parameters, query and body to the function", async () => {
  let received: ReceivedHttp | undefined;
  await serve(
    http("isolate", { route: "machines/{id}/isolate", methods: ["POST"] }, ({ triggerData }) => {
      received = triggerData.http as ReceivedHttp;
      return answer("done");
    }),
  );
  await fetch(`${server.url}/api/machines/m%201/isolate?tag=a&tag=b&why=x%20y`, {
    method: "POST",
    headers: { "x-note": "one", "x-ms-client-principal": "forged" },
    body: Buffer.from([0, 255, 1]),
  });

  expect(received).toMatchObject({
    method: "POST",
    url: `${server.url}/api/machines/m%201/isolate?tag=a&tag=b&why=x%20y`,
    headers: { "x-note": "one" },
    params: { id: "m 1" },
    query: { tag: "a,b", why: "x y" },
    body: { bytes: Buffer.from([0, 255, 1]) },
  });
  expect(received?.headers).not.toHaveProperty("x-ms-client-principal");
});

test("sends status, headers, cookies and bytes of the function's answer", async () => {
  const bytes = Buffer.from([0, 200, 10]);
  await serve(
    http("download", {}, () => ({
      http: {
        statusCode: "206",
        headers: { "content-type": "application/zip", "x-runs": "1, 2" },
        cookies: [
          { name: "session", value: "a b", httpOnly: { value: true }, sameSite: "explicitNone", maxAge: { value: 60 } },
          {
            name: "theme",
            value: "dark",
            path: { value: "/api" },
            expires: { value: { seconds: 0 } },
            sameSite: "none",
          },
        ],
        body: { bytes },
      },
    })),
  );
  const response = await fetch(`${server.url}/api/download`);

  expect(response.status).toBe(206);
  expect(response.headers.get("content-type")).toBe("application/zip");
  expect(response.headers.get("x-runs")).toBe("1, 2");
  expect(response.headers.getSetCookie()).toEqual([
    "session=a%20b; Max-Age=60; Path=/; SameSite=None; HttpOnly",
    "theme=dark; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/api",
  ]);
  expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
});

test("answers 204 when the function returns nothing", async () => {
  await serve(http("quiet", {}, () => undefined));
  expect((await fetch(`${server.url}/api/quiet`)).status).toBe(204);
});

test("prefers the more exact route and leaves unknown paths and methods to 404", async () => {
  await serve(
    http("rest", { route: "{*rest}" }),
    http("byId", { route: "runs/{id}" }),
    http("open", { route: "runs/open" }),
    http("create", { route: "runs", methods: ["POST"] }),
  );
  const text = async (path: string) => (await fetch(server.url + path)).text();

  expect(await text("/api/runs/open")).toBe("open");
  expect(await text("/API/RUNS/OPEN")).toBe("open");
  expect(await text("/api/runs/7")).toBe("byId");
  expect(await text("/api/anything/else")).toBe("rest");
  expect((await fetch(`${server.url}/runs/open`)).status).toBe(404);
  expect((await fetch(`${server.url}/api/runs`, { method: "DELETE" })).status).toBe(404);
  expect((await fetch(`${server.url}//api`)).status).toBe(404);
});

test("opens functions by their level only to the right key", async () => {
  await serve(http("open", {}), http("guarded", { authLevel: "function" }), http("owner", { authLevel: "admin" }));
  const status = async (path: string, key?: string) =>
    (await fetch(`${server.url}/api/${path}`, { headers: key ? { "x-functions-key": key } : {} })).status;

  expect(await status("open")).toBe(200);
  expect(await status("guarded")).toBe(401);
  expect(await status("guarded", "wrong")).toBe(401);
  expect(await status("guarded", keys.functionKey)).toBe(200);
  expect(await status("guarded", keys.masterKey)).toBe(200);
  expect(await status(`guarded?code=${keys.functionKey}`)).toBe(200);
  expect(await status("owner", keys.functionKey)).toBe(401);
  expect(await status("owner", keys.masterKey)).toBe(200);
});

test("keeps its keys for the next start in a file only the owner reads", async () => {
  const file = join(folder, "state", "keys.json");
  const first = await openKeys(file);
  await first.addFunctions(["guarded", "other"]);
  const second = await openKeys(file);
  const guarded: string = JSON.parse(await readFile(file, "utf8")).functions.guarded.default;

  expect(second.masterKey).toBe(first.masterKey);
  expect(second.functionKey).toBe(first.functionKey);
  expect(second.opens("function", "guarded", guarded)).toBe(true);
  expect(second.opens("function", "other", guarded)).toBe(false);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("says in one sentence that its keys are damaged", async () => {
  const file = join(folder, "keys.json");
  await writeFile(file, '{ "masterKey": "short" }');
  await expect(openKeys(file)).rejects.toThrow("delete it and new ones are made");
});

test("answers 500 without a word about the error when the function throws", async () => {
  await serve(
    http("broken", {}, () => {
      throw new Error("secret detail");
    }),
  );
  const response = await fetch(`${server.url}/api/broken`);

  expect(response.status).toBe(500);
  expect(await response.text()).toBe("");
});

test("answers 500 when the function sets a header that HTTP does not allow", async () => {
  await serve(http("broken", {}, () => answer("x", { headers: { "x-bad": "line\nbreak" } })));
  expect((await fetch(`${server.url}/api/broken`)).status).toBe(500);
});

test("refuses a body over the limit, announced or not", async () => {
  await serve(http("upload", { methods: ["POST"] }));
  const post = (body: string | ReadableStream) =>
    fetch(`${server.url}/api/upload`, { method: "POST", body, duplex: "half" } as RequestInit).then(
      ({ status }) => status,
    );
  const unannounced = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(1001));
      controller.close();
    },
  });

  expect(await post("x".repeat(1000))).toBe(200);
  expect(await post("x".repeat(1001))).toBe(413);
  expect(await post(unannounced)).toBe(413);
});

test("lets a request under way finish when it stops", async () => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await serve(
    http("slow", {}, async () => {
      started.resolve();
      await release.promise;
      return answer("finished");
    }),
  );
  const response = fetch(`${server.url}/api/slow`);
  await started.promise;
  const stopped = server.stop(5000);
  release.resolve();

  expect(await (await response).text()).toBe("finished");
  await stopped;
  await expect(fetch(`${server.url}/api/slow`)).rejects.toThrow();
});

test("answers 400 to a request with a host name that cannot be", async () => {
  await serve(http("open", {}));
  const status = await new Promise((resolve, reject) => {
    request(`${server.url}/api/open`, { headers: { host: "[bad" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe(400);
});

test("says in one sentence that its port is in use", async () => {
  const port = Number(new URL(server.url).port);
  await expect(startServer(port, silentLog)).rejects.toThrow(`Port ${port} is in use by another program`);
});
