import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { isInside } from "../../../shared/feeds/http/dialling.ts";
import { createFeedClient, type FeedLimits, textOf } from "../../../shared/feeds/http/feed-client.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A feed in our own network. */
async function feed(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const internal = (limits: Partial<FeedLimits> = {}) =>
  createFeedClient({ isInternal: true, limits: { atMostBytes: 10_000, timeoutMs: 10_000, ...limits } });

const textFrom = async (url: string, limits?: Partial<FeedLimits>) => textOf(await internal(limits)({ url }));

test("reads what a feed says, packed or not, and sends its key", async () => {
  const url = await feed(({ headers, url: path }, response) => {
    const body = `${path} for ${headers["auth-key"]}`;
    if (path === "/packed") response.setHeader("content-encoding", "gzip").end(gzipSync(body));
    else response.end(body);
  });
  const call = internal();
  for (const path of ["/packed", "/plain"]) {
    const answer = await call({ url: url + path, headers: { "auth-key": "k1" } });
    expect(await textOf(answer)).toBe(`${path} for k1`);
  }
});

test("posts a question", async () => {
  const url = await feed(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    response.end(`${request.method} ${body}`);
  });
  expect(await textOf(await internal()({ url, method: "POST", body: '{"days":3}' }))).toBe('POST {"days":3}');
});

test("says that nothing has changed, where the feed says so", async () => {
  const url = await feed(({ headers }, response) => {
    response.writeHead(headers["if-none-match"] === '"v7"' ? 304 : 200, { etag: '"v7"' }).end();
  });
  const call = internal();
  expect((await call({ url })).headers.etag).toBe('"v7"');
  expect((await call({ url, headers: { "if-none-match": '"v7"' } })).isUnchanged).toBe(true);
});

test.each([
  [500, "status", /answered 500/],
  [404, "status", /answered 404/],
  [401, "sign-in", /Check the feed's key/],
  [403, "sign-in", /Check the feed's key/],
])("an answer of %i is a fault that says what to do", async (status, kind, message) => {
  const url = await feed((_, response) => void response.writeHead(status).end("secret words"));
  await expect(textFrom(url)).rejects.toMatchObject({ kind, status, message: expect.stringMatching(message) });
});

test("takes no web page for a feed", async () => {
  const page = { "content-type": "text/html; charset=utf-8" };
  const url = await feed((_, response) => void response.writeHead(200, page).end("<html>Sign in</html>"));
  await expect(textFrom(url)).rejects.toMatchObject({ kind: "not-data" });
});

test("stops reading what never ends, and hangs up", async () => {
  let hungUp: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    hungUp = resolve;
  });
  const url = await feed((_, response) => {
    const more = () => {
      while (response.write("1.2.3.4\n".repeat(1_000)));
    };
    response.on("drain", more).on("close", hungUp);
    more();
  });
  await expect(textFrom(url)).rejects.toMatchObject({ kind: "too-large" });
  await end;
});

test("stops unpacking what grows without end", async () => {
  const packed = gzipSync(Buffer.alloc(50_000_000));
  const url = await feed((_, response) => void response.setHeader("content-encoding", "gzip").end(packed));
  await expect(textFrom(url)).rejects.toMatchObject({ kind: "too-large" });
});

test("an answer that breaks off is never taken for a whole one", async () => {
  const url = await feed(({ url: path }, response) => {
    if (path === "/told") response.setHeader("content-length", "1000");
    if (path === "/packed") response.setHeader("content-encoding", "gzip");
    const begun = path === "/packed" ? gzipSync("1.2.3.4\n".repeat(500)).subarray(0, 20) : "1.2.3.4\n";
    response.write(begun, () => response.destroy());
  });
  for (const path of ["/told", "/in-chunks", "/packed"]) {
    await expect(textFrom(url + path), path).rejects.toMatchObject({ kind: "broken-off" });
  }
});

test("an answer with neither length nor chunks is not trusted to be whole", async () => {
  const url = await feed(({ socket }) => void socket.end("HTTP/1.1 200 OK\r\n\r\n1.2.3.4\n"));
  await expect(textFrom(url)).rejects.toMatchObject({ kind: "not-data" });
});

test("a feed that says nothing more is given up", async () => {
  const url = await feed((_, response) => void response.write("1.2.3.4\n"));
  await expect(textFrom(url, { timeoutMs: 100 })).rejects.toMatchObject({ kind: "too-slow" });
  const silent = await feed(() => {});
  await expect(textFrom(silent, { timeoutMs: 100 })).rejects.toMatchObject({ kind: "too-slow" });
});

test("a feed that is not there is a fault, without its address", async () => {
  const url = await feed(() => {});
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  const fault = await textFrom(`${url}/?key=hunter2`).catch((error: Error) => error.message);
  expect(fault).toBe("127.0.0.1 cannot be reached (ECONNREFUSED).");
});

test("follows redirects on the same host, a few", async () => {
  const url = await feed(({ url: path = "" }, response) => {
    const left = Number(path.slice(1));
    if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
    else response.end("here");
  });
  expect(await textFrom(`${url}/3`)).toBe("here");
  await expect(textFrom(`${url}/4`)).rejects.toMatchObject({ kind: "redirect" });
});

test.each(["http://10.0.0.1/", "http://169.254.169.254/metadata", "https://other.example/", "ftp://127.0.0.1/", "::"])(
  "does not follow to %s",
  async (location) => {
    const url = await feed((_, response) => void response.writeHead(302, { location }).end());
    await expect(textFrom(url)).rejects.toMatchObject({ kind: "redirect" });
  },
);

test("takes no key along to another port of the host", async () => {
  const keys: unknown[] = [];
  const other = await feed(({ headers }, response) => {
    keys.push(headers["auth-key"]);
    response.end();
  });
  const url = await feed((_, response) => void response.writeHead(302, { location: other }).end());
  await textOf(await internal()({ url, headers: { "auth-key": "k1" } }));
  expect(keys).toEqual([undefined]);
});

test.each([
  "https://127.0.0.1/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://[::1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://169.254.169.254/",
  "https://168.63.129.16/",
  "https://localhost/",
])("a feed on the internet is never at %s", async (url) => {
  await expect(createFeedClient()({ url })).rejects.toMatchObject({
    kind: "address",
    message: expect.stringContaining("internal: true"),
  });
});

test.each(["http://feeds.example/", "file:///etc/passwd", "feeds", "https://user:key@feeds.example/"])(
  "a feed on the internet has no url like %s",
  async (url) => {
    await expect(createFeedClient()({ url })).rejects.toMatchObject({ kind: "address" });
  },
);

test("knows what lies inside", () => {
  expect(
    ["10.1.2.3", "100.64.0.1", "fd00::1", "fe80::1", "0.0.0.0", "224.0.0.1", "64:ff9b::a00:1"].every(isInside),
  ).toBe(true);
  expect(["1.2.3.4", "20.190.128.1", "2606:4700::1"].some(isInside)).toBe(false);
});
