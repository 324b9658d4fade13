import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { collection, isolation, minutes, simulatedDefender } from "./simulated-defender.ts";

const machineId = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
let defender: Awaited<ReturnType<typeof simulatedDefender>>;

beforeAll(async () => {
  defender = await simulatedDefender({ settings: { throttling: false } });
});
afterAll(() => defender.close());
beforeEach(async () => {
  defender.clock.restart();
  await defender.control.reset();
  await defender.control.addMachine({ id: machineId, computerDnsName: "web-1.contoso.example" });
});

const collect = async () =>
  (await defender.call("POST", `/api/machines/${machineId}/collectInvestigationPackage`, collection)).body.id;
const askForLink = (id: string) => defender.call("GET", `/api/machineactions/${id}/getPackageUri`);
const withoutQuotes = (value: unknown) => String(value).slice(1, -1);

describe("an investigation package", () => {
  test("has no link before the collection has succeeded", async () => {
    const id = await collect();
    defender.clock.advance(899);
    expect((await askForLink(id)).status).toBe(404);
    defender.clock.advance(1);
    expect((await askForLink(id)).status).toBe(200);
  });

  test("has a link in literal double quotes that leads to a zip about the device, without a token", async () => {
    const id = await collect();
    defender.clock.advance(900);
    const { body } = await askForLink(id);
    const response = await fetch(withoutQuotes(body.value));
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()));

    expect(body.value).toMatch(/^"http.*"$/);
    expect(response.headers.get("content-type")).toBe("application/zip");
    expect(Object.keys(files).length).toBeGreaterThan(2);
    expect(strFromU8(files["Forensics Collection Summary.txt"] as Uint8Array)).toContain("web-1.contoso.example");
  });

  test("is the same to the byte at every download", async () => {
    const id = await collect();
    defender.clock.advance(900);
    const download = async () =>
      Buffer.from(await (await fetch(withoutQuotes((await askForLink(id)).body.value))).arrayBuffer());
    const first = await download();
    defender.clock.advance(minutes(30));

    expect((await download()).equals(first)).toBe(true);
  });

  test("cannot be downloaded once the link has lapsed, or by a link that was changed", async () => {
    const id = await collect();
    defender.clock.advance(900);
    const link = new URL(withoutQuotes((await askForLink(id)).body.value));
    const prolonged = new URL(link);
    prolonged.searchParams.set("se", "2099-01-01T00:00:00.000Z");

    expect((await fetch(prolonged)).status).toBe(403);
    expect((await fetch(link)).status).toBe(200);
    defender.clock.advance(minutes(15));
    expect((await fetch(link)).status).toBe(403);
  });

  test("does not exist for other machine actions, nor by POST", async () => {
    const { body } = await defender.call("POST", `/api/machines/${machineId}/isolate`, isolation);
    const id = await collect();
    defender.clock.advance(900);

    expect((await askForLink(body.id)).status).toBe(404);
    expect((await defender.call("POST", `/api/machineactions/${id}/getPackageUri`)).status).toBe(404);
  });
});
