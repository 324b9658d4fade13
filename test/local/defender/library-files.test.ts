import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { minutes, simulatedDefender } from "./simulated-defender.ts";

let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(async () => {
  defender.clock.restart();
  await defender.control.reset();
});

async function upload(
  fileName: string,
  content: string | Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
) {
  const form = new FormData();
  form.set("File", new Blob([content]), fileName);
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return send(form);
}

async function send(body: FormData | string) {
  const response = await fetch(`${defender.apiUrl}/api/libraryfiles`, {
    method: "POST",
    headers: { authorization: `Bearer ${defender.issueToken()}` },
    body,
  });
  const answer = (await response.json()) as { error: { code: string } };
  return { status: response.status, body: answer };
}

const list = async () => (await defender.call("GET", "/api/libraryfiles")).body.value;

test("a file that is uploaded is described, listed and can be deleted once", async () => {
  const content = new Uint8Array([0xff, 0x00, 0x80, 0x0a]);
  const description = { Description: "Dumps memory", ParametersDescription: "a process" };
  expect(await upload("memdump.exe", content, description)).toMatchObject({ status: 200 });

  expect(await list()).toEqual([
    {
      fileName: "memdump.exe",
      sha256: createHash("sha256").update(content).digest("hex"),
      description: "Dumps memory",
      creationTime: "2026-01-05T09:00:00.0000000Z",
      lastUpdatedTime: "2026-01-05T09:00:00.0000000Z",
      createdBy: defender.clientId,
      hasParameters: true,
      parametersDescription: "a process",
    },
  ]);
  const statuses = [];
  for (const _ of [1, 2]) statuses.push((await defender.call("DELETE", "/api/libraryfiles/memdump.exe")).status);
  expect([...statuses, await list()]).toEqual([204, 404, []]);
});

test("a file is replaced only where that is said", async () => {
  await upload("collect.ps1", "exit 0");
  defender.clock.advance(minutes(1));
  expect(await upload("collect.ps1", "exit 1")).toMatchObject({ status: 400, body: { error: { code: "BadRequest" } } });
  expect(await upload("collect.ps1", "exit 1", { OverrideIfExists: "false" })).toMatchObject({ status: 400 });
  expect(await upload("collect.ps1", "exit 1", { OverrideIfExists: "true" })).toMatchObject({ status: 200 });

  expect(await list()).toMatchObject([
    { creationTime: "2026-01-05T09:00:00.0000000Z", lastUpdatedTime: "2026-01-05T09:01:00.0000000Z" },
  ]);
});

describe("an upload is refused", () => {
  test.each(["a b.ps1", "ü.ps1", ".ps1", "a(1).ps1"])("with the name %s", async (name) => {
    expect(await upload(name, "exit 0")).toMatchObject({ status: 400, body: { error: { code: "InvalidInput" } } });
  });

  test("with more than 20 MB, and not with just as much", async () => {
    const most = 20 * 1024 * 1024;
    expect((await upload("most.bin", new Uint8Array(most))).status).toBe(200);
    expect(await upload("more.bin", new Uint8Array(most + 1))).toMatchObject({
      status: 400,
      body: { error: { code: "InvalidInput" } },
    });
  });

  test("without a file, and without a form", async () => {
    const form = new FormData();
    form.set("file", new Blob(["exit 0"]), "a.ps1");
    expect(await send(form)).toMatchObject({ status: 400, body: { error: { code: "MissingRequiredParameter" } } });
    expect(await send("{}")).toMatchObject({ status: 400, body: { error: { code: "InvalidRequestBody" } } });
  });
});
