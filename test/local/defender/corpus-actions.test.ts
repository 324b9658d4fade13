import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { simulatedDefender } from "./simulated-defender.ts";

/** Payloads printed in Microsoft's documentation, kept beside the project and not part of it. */
const fixtures = new URL("../../../../shared/fixtures/defender/", import.meta.url);
const fixture = (name: string) => JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));

const keysOf = (entity: object) => Object.keys(entity).sort();

describe.runIf(existsSync(fixtures))("compared with Microsoft's samples", () => {
  let defender: Awaited<ReturnType<typeof simulatedDefender>>;
  let machineId: string;

  beforeAll(async () => {
    defender = await simulatedDefender({ settings: { throttling: false } });
  });
  afterAll(() => defender.close());
  beforeEach(async () => {
    await defender.control.reset();
    ({ id: machineId } = await defender.control.addMachine());
    await defender.control.putRows("libraryFiles", [{ fileName: "minidump.ps1" }]);
  });

  const post = (name: string, file: string) =>
    defender.call("POST", `/api/machines/${machineId}/${name}`, fixture(file));

  test("live response takes their commands and answers with every field of theirs", async () => {
    const theirs = fixture("runliveresponse.response.json");
    const { status, body } = await post("runliveresponse", "runliveresponse.request.json");

    expect(status).toBe(201);
    expect(keysOf(body)).toEqual(expect.arrayContaining(keysOf(theirs)));
    expect(body.commands).toEqual(theirs.commands);
  });

  test("the link to a result is printed as theirs", async () => {
    const { body } = await post("runliveresponse", "runliveresponse.request.json");
    defender.clock.advance(900);
    const path = `/api/machineactions/${body.id}/GetLiveResponseResultDownloadLink(index=0)`;
    const link = (await defender.call("GET", path)).body;
    const theirs = fixture("liveresponse.result-link.response.json");

    expect(keysOf(link)).toEqual(keysOf(theirs));
    expect(new URL(String(link.value)).searchParams.has("sig")).toBe(true);
  });

  test("a library file has the fields of theirs", async () => {
    const form = new FormData();
    form.set("File", new Blob(["exit 0"]), "script1.ps1");
    await fetch(`${defender.apiUrl}/api/libraryfiles`, {
      method: "POST",
      headers: { authorization: `Bearer ${defender.issueToken()}` },
      body: form,
    });
    const files = (await defender.call("GET", "/api/libraryfiles")).body.value;
    const [theirs] = fixture("libraryfiles.list.response.json").value;

    expect(keysOf(files.at(-1) ?? {})).toEqual(keysOf(theirs));
  });

  test("an investigation has the fields of theirs", async () => {
    const { status, body } = await post("startInvestigation", "startInvestigation.request.json");
    const { "@odata.context": _, ...investigation } = body;

    expect(status).toBe(201);
    expect(keysOf(investigation)).toEqual(keysOf(fixture("investigation.entity.json")));
  });

  test("offboard takes their request", async () => {
    expect((await post("offboard", "offboard.request.json")).status).toBe(201);
  });
});
