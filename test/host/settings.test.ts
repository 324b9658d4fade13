import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkHostJson, readHostJson } from "../../local/host/host-json.ts";
import { readSettings, resolveSettings } from "../../local/host/settings.ts";
import { parseTimeSpan } from "../../local/host/time-span.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "settings-"));
  file = join(folder, "local.settings.json");
});

afterEach(() => rm(folder, { recursive: true }));

describe("app settings", () => {
  test("come from the file, and the environment wins", async () => {
    await writeFile(file, '\uFEFF{ "IsEncrypted": false, "Values": { "HUB": "alerts", "PORT": 1, "GROUP": "file" } }');
    expect(await readSettings(file, { GROUP: "environment" })).toEqual({
      HUB: "alerts",
      PORT: "1",
      GROUP: "environment",
    });
  });

  test("are the environment alone without a file", async () => {
    expect(await readSettings(file, { HUB: "alerts" })).toEqual({ HUB: "alerts" });
  });

  test("that are broken are reported with line and column, without the text around", async () => {
    await writeFile(file, '{\n  "Values": {\n    "SECRET": "hunter2" "NEXT": 1\n  }\n}');
    const failure: unknown = await readSettings(file, {}).catch((error: unknown) => error);
    expect(failure).toEqual(new Error(`${file} is not valid JSON: look at line 3, column 25.`));
  });

  test("of a wrong kind are reported by name", async () => {
    await writeFile(file, '{ "Values": { "HUB": ["alerts"] } }');
    await expect(readSettings(file, {})).rejects.toThrow("wrong value at Values.HUB");
  });

  test("that are encrypted are refused with what to do", async () => {
    await writeFile(file, '{ "IsEncrypted": true, "Values": {} }');
    await expect(readSettings(file, {})).rejects.toThrow("func settings decrypt");
  });

  test("stand between percent signs in other options", () => {
    expect(resolveSettings("%HUB%-%STAGE%", { HUB: "alerts", STAGE: "test" })).toBe("alerts-test");
    expect(() => resolveSettings("%HUB%", {})).toThrow("the app setting HUB is not set");
  });
});

describe("host.json", () => {
  test("has the defaults of the Functions host", () => {
    const { http, eventHubs } = checkHostJson({ version: "2.0" }).extensions;
    expect(http.routePrefix).toBe("api");
    expect(eventHubs).toMatchObject({ maxEventBatchSize: 100, prefetchCount: 300, batchCheckpointFrequency: 1 });
  });

  test("may hold keys the host does not know, with a warning", () => {
    const warnings: string[] = [];
    const json = { version: "2.0", extensions: { eventHubs: { maxBatch: 1, prefetchCount: 5 } }, colour: "red" };
    const checked = checkHostJson(json, "host.json", (message) => warnings.push(message));

    expect(checked.extensions.eventHubs.prefetchCount).toBe(5);
    expect(warnings).toEqual([
      "host.json has a key this host does not know: extensions.eventHubs.maxBatch",
      "host.json has a key this host does not know: colour",
    ]);
  });

  test("with wrong values names each of them", () => {
    const json = { version: "2.0", extensions: { eventHubs: { maxEventBatchSize: 0, maxWaitTime: "soon" } } };
    expect(() => checkHostJson(json)).toThrow(/maxEventBatchSize .*maxWaitTime \(expected a duration/);
  });

  test("must be there", async () => {
    await expect(readHostJson(join(folder, "host.json"), () => {})).rejects.toThrow("host.json is missing");
  });
});

test.each([
  ["00:00:30", 30_000],
  ["1.02:03:04.5", 93_784_500],
  ["24:00:00", undefined],
  ["0 */5 * * * *", undefined],
])("reads the duration %s as %s ms", (text, ms) => {
  expect(parseTimeSpan(text)).toBe(ms);
});
