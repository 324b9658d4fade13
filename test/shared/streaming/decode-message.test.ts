import { describe, expect, test } from "vitest";
import { countTables } from "../../../shared/streaming/count-tables.ts";
import { decodeMessage } from "../../../shared/streaming/decode-message.ts";
import {
  aMessage,
  anAlertEvidence,
  anAlertInfo,
  aWholeAlert,
  decoded,
  evidenceRows,
  recordedLines,
} from "../../helpers/stream.ts";

const lines = recordedLines("one-alert");
const wrapped = `{"records":[${lines.join()}]}`;
const expected = decoded(lines);

const whyRejected = (body: Uint8Array | string | object) => decodeMessage(body).rejected.map(({ reason }) => reason);

describe("every form of a body gives the same records", () => {
  test.each<[form: string, body: Uint8Array | string | object]>([
    ["an object with records", wrapped],
    ["the same as bytes", Buffer.from(wrapped)],
    ["bytes that are no Buffer", new TextEncoder().encode(wrapped)],
    ["bytes with a byte order mark", Buffer.from(`\uFEFF${wrapped}`)],
    ["text with a byte order mark", `\uFEFF${wrapped}`],
    ["records written as JSON text", JSON.stringify({ records: lines })],
    ["a bare list", `[${lines.join()}]`],
    ["a bare list of JSON texts", JSON.stringify(lines)],
    ["JSON texts with a byte order mark", JSON.stringify(lines.map((line) => `\uFEFF${line}`))],
    ["all of it written as JSON text", JSON.stringify(wrapped)],
    ["a body parsed before", JSON.parse(wrapped)],
    ["a list parsed before", lines.map((line) => JSON.parse(line))],
    ["white space around it", `\r\n ${wrapped}\n`],
  ])("%s", (_, body) => {
    expect(decodeMessage(body)).toEqual({ records: expected, rejected: [] });
  });

  test.each<[form: string, body: Uint8Array | string | object]>([
    ["as text", lines[0] as string],
    ["as bytes", Buffer.from(lines[0] as string)],
    ["as an object", JSON.parse(lines[0] as string)],
    ["as JSON text in JSON text", JSON.stringify(lines[0])],
  ])("a bare record %s", (_, body) => {
    expect(decodeMessage(body)).toEqual({ records: [expected[0]], rejected: [] });
  });

  test("an empty list of records is a message with nothing to say", () => {
    expect(decodeMessage('{"records":[]}')).toEqual({ records: [], rejected: [] });
  });
});

describe("records", () => {
  test("keep integers that a double would round, wherever they stand", () => {
    const [device, cloud] = decoded(recordedLines("other-tables"));
    expect(device?.properties.ReportId).toBe("639088321155105131");
    expect(cloud?.properties.RawEventData).toMatchObject({ SessionKey: "-7402118836542217743" });
  });

  test("keep timestamps to their seventh digit", () => {
    const [record] = decoded([{ ...anAlertInfo(), time: "2026-01-13T09:40:52.1533495Z" }]);
    expect(record?.time).toBe("2026-01-13T09:40:52.1533495Z");
  });

  test.each([
    ["MessageUrlInfo", "email"],
    ["urlclickevents", "email"],
    ["IdentityQueryEvents", "identity"],
    ["DeviceImageLoadEvents", "device"],
    ["CloudAuditEvents", "cloud"],
    ["BehaviorInfo", "other"],
    ["DeviceTomorrowEvents", "unknown"],
  ])("of %s are about %s", (table, tableClass) => {
    expect(decoded([{ ...anAlertInfo(), category: `AdvancedHunting-${table}` }])).toMatchObject([{ tableClass }]);
  });

  test("keep numbers that a double holds as numbers", () => {
    const [record] = decoded([anAlertEvidence({ entityType: "Process", columns: { Ratio: 0.25, Large: 1e21 } })]);
    expect(record?.properties).toMatchObject({ FileSize: 450560, Ratio: 0.25, Large: 1e21 });
  });

  test("are sorted by table, known or not, and counted", () => {
    const records = decoded([...lines, ...recordedLines("other-tables")]);
    const counts = countTables(records);
    expect(Object.fromEntries([...counts].map(([name, tables]) => [name, Object.fromEntries(tables)]))).toEqual({
      alert: { AlertInfo: 1 },
      evidence: { AlertEvidence: 5 },
      device: { DeviceInfo: 1 },
      cloud: { CloudAppEvents: 1 },
      email: { EmailEvents: 1 },
      unknown: { PrinterEvents: 1 },
    });
  });

  test.each(["advancedhunting-alertinfo", "ADVANCEDHUNTING-ALERTINFO", "AlertInfo"])(
    "of category %s are of AlertInfo",
    (category) => {
      expect(decoded([{ ...anAlertInfo(), category }])).toMatchObject([{ kind: "alert-info", table: "AlertInfo" }]);
    },
  );

  test("of one tenant have one tenant id, whatever its case", () => {
    const tenants = decoded([...lines, ...recordedLines("older-alert")]).map(({ tenantId }) => tenantId);
    expect(new Set(tenants)).toEqual(new Set(["6b7c1f0e-52d4-4c39-9a4e-8f0d2f6f4c11"]));
  });

  test("may lack whatever older records lack, and have whatever newer ones add", () => {
    const { Tenant, operationName, _TimeReceivedBySvc, time, ...least } = anAlertInfo();
    const { Timestamp, AlertId } = least.properties;
    const [record] = decoded([{ ...least, properties: { Timestamp, AlertId, Verdict: { new: true } } }]);
    expect(record).toMatchObject({ kind: "alert-info", properties: { Verdict: { new: true } } });
    expect(record).toHaveProperty("row", { Timestamp, AlertId, AttackTechniques: [] });
  });

  test('write "unknown" as null, as "" or not at all', () => {
    const [row] = evidenceRows([anAlertEvidence({ columns: { Title: "", Severity: null, DeviceName: undefined } })]);
    expect([row?.Title, row?.Severity, row?.DeviceName]).toEqual([undefined, undefined, undefined]);
  });

  test.each<[form: string, Categories: unknown, expected: string[]]>([
    ["JSON text", '["Discovery","Execution"]', ["Discovery", "Execution"]],
    ["an array", ["Discovery"], ["Discovery"]],
    ["plain text", "Discovery", ["Discovery"]],
    ["broken JSON text", '["Discovery"', ['["Discovery"']],
    ["nothing", "", []],
    ["null", null, []],
    ["a surprise", { a: 1 }, []],
    ["a list with surprises", [null, 7, "Discovery", ""], ["Discovery"]],
  ])("write a list as %s", (_, Categories, list) => {
    expect(decoded([anAlertEvidence({ columns: { Categories } })])).toMatchObject([{ row: { Categories: list } }]);
  });
});

describe("what cannot be read", () => {
  test("never costs its neighbours", () => {
    const good = aWholeAlert();
    const bad = { ...anAlertInfo(), properties: null };
    const { records, rejected } = decodeMessage(
      aMessage([good[0], "{", good[1], bad, 17, good[2], [], good[3]] as object[]),
    );

    expect(records).toEqual(decoded(good));
    expect(rejected).toEqual([
      { index: 1, reason: "The record is cut off", value: "{" },
      {
        index: 3,
        reason: "The record is not one of Defender's: properties: a record has its row in properties",
        value: bad,
      },
      { index: 4, reason: expect.stringContaining("expected object, received number"), value: 17 },
      { index: 6, reason: expect.stringContaining("expected object, received array"), value: [] },
    ]);
  });

  test("is kept as it came", () => {
    const body = Buffer.from([0xff, 0xfe, 0x7b, 0x00]);
    expect(decodeMessage(body)).toEqual({
      records: [],
      rejected: [{ index: undefined, reason: "The message is not UTF-8 text", value: body }],
    });
  });

  const circular: { records: unknown[] } = { records: [] };
  circular.records.push(circular);

  test.each<[what: string, body: Uint8Array | string | object, reason: string]>([
    ["nothing", "", "The message is empty"],
    ["no bytes", new Uint8Array(), "The message is empty"],
    ["white space", " \n", "The message is empty"],
    ["text", "alert!", "The message is not JSON"],
    ["a message that ends too early", wrapped.slice(0, 500), "The message is cut off"],
    ["two messages in one", `${wrapped}${wrapped}`, "The message is not JSON"],
    ["records that are no list", '{"records":{"0":{}}}', "The message has records that are no list"],
    ["a parsed body that contains itself", circular, "The message cannot be written as JSON"],
    ["a parsed body with what JSON has not", { records: [1n] }, "The message cannot be written as JSON"],
    ["more than a hub carries", `"${"a".repeat(1024 * 1024)}"`, "The message is larger than 1048576 bytes"],
    ["more bytes than a hub carries", Buffer.alloc(1024 * 1024 + 1, " "), "The message is larger than 1048576 bytes"],
    ["more in bytes than in characters", `"${"ü".repeat(600_000)}"`, "The message is larger than 1048576 bytes"],
    ["a bomb of brackets", "[".repeat(1024 * 1024), "The message is nested deeper than 256 levels"],
    ["a bomb of objects", '{"a":'.repeat(100_000), "The message is nested deeper than 256 levels"],
    ["a list of half a million", `[${"1,".repeat(500_000)}1]`, "The message holds more than 5000 records"],
  ])("%s is one rejection", (_, body, reason) => {
    expect(decodeMessage(body)).toEqual({ records: [], rejected: [{ index: undefined, reason, value: body }] });
  });

  test.each(["null", "true", "42", "{}"])("JSON that is no record, like %s, is rejected as such", (body) => {
    expect(whyRejected(body)).toEqual([expect.stringMatching(/^The record is not one of Defender's: /)]);
  });

  test("brackets inside texts are no nesting", () => {
    expect(whyRejected(aMessage([anAlertInfo({ title: '\\"[{'.repeat(1000) })]))).toEqual([]);
  });

  test("a row of the other alert table is refused", () => {
    const { category } = anAlertInfo();
    expect(whyRejected(aMessage([{ ...anAlertEvidence(), category }]))).toEqual([
      "The record cannot be used: its category says AlertInfo, but its row has EntityType and no Category",
    ]);
    expect(whyRejected(aMessage([{ ...anAlertInfo(), category: anAlertEvidence().category }]))).toEqual([
      "The record cannot be used: its category says AlertEvidence, but its row has Category and no EntityType",
    ]);
  });

  test("a row of another table under an alert's category is refused", () => {
    const [deviceRow] = recordedLines("other-tables").map((line) => JSON.parse(line));
    const [reason] = whyRejected(aMessage([{ ...deviceRow, category: "AdvancedHunting-AlertEvidence" }]));
    expect(reason).toContain("AlertId: ");
  });

  test("a table that gains a column of the other is still read", () => {
    expect(whyRejected(aMessage([anAlertEvidence({ columns: { Category: "Execution" } })]))).toEqual([]);
  });

  test.each([
    "../../machines/all/isolate",
    "da1?x=1",
    "da 1",
    "da1\n",
    "",
    "_1",
    "a".repeat(129),
    "dа1",
    12,
    null,
    ["da1"],
  ])("an alert id %j is refused, as it would become part of an address", (alertId) => {
    const [reason] = whyRejected(aMessage([anAlertEvidence({ columns: { AlertId: alertId } })]));
    expect(reason).toMatch(/^The record is not one of Defender's: AlertId: /);
  });

  test.each(["", "a/b", "tenant\u0000", null, 7])(
    "a tenant id %j is refused, as it would become part of keys",
    (tenantId) => {
      expect(whyRejected(aMessage([{ ...anAlertInfo(), tenantId }]))).toEqual([expect.stringContaining("tenantId: ")]);
    },
  );

  test.each(["__proto__", "", "Alert Info", "a\u001bb", null])("a category %j is refused", (category) => {
    expect(whyRejected(aMessage([{ ...anAlertInfo(), category }]))).toEqual([expect.stringContaining("category: ")]);
  });
});
