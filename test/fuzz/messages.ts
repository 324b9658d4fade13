import fc from "fast-check";
import { type RawRecord, recordedLines } from "../helpers/stream.ts";

/** A message to read, and what is known of it beforehand. */
export interface FuzzMessage {
  body: Uint8Array | string | object;
  /** Whether every record in it is one of Defender's, so that none may be rejected. */
  isSound: boolean;
}

interface Said {
  text: string;
  isSound: boolean;
}

const lines = ["one-alert", "older-alert", "other-tables"].flatMap(recordedLines);
const templates = lines.map((line) => JSON.parse(line) as RawRecord);

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const repeated = (texts: readonly string[], most: number) =>
  fc.tuple(fc.constantFrom(...texts), fc.integer({ min: 1, max: most })).map(([text, times]) => text.repeat(times));

const poison = '"__proto__":{"admin":true,"properties":{}},"constructor":{"prototype":{"admin":true}}';

/** Texts that trip up parsers, patterns, logs and screens. */
const oddText = fc.constantFrom(
  "",
  " ",
  "\u0000",
  "\ud83d",
  "\udc00\ud800",
  "\u202Etxt.exe",
  "\uFEFF",
  "e\u0301\u0323".repeat(50),
  "👩‍👩‍👧‍👦",
  "__proto__",
  "constructor",
  "toString",
  "../../machines/all/isolate",
  "2026-01-13T09:40:52.1533495Z",
  "9999-99-99T99:99:99Z",
  "T1059.001",
  '["Discovery","(T1057)"]',
  "[[[[",
  "=cmd()|' /c calc'!A1",
  "%n%s{0}",
  "\r\n2026-01-01 forged line",
);

const heavy = ["a", "\u0000", "ü", "T1059 ", "😀", "\\", '"', "\ud800"];

const anyText = fc.oneof(
  often(200, oddText),
  often(150, fc.string({ unit: "binary", maxLength: 40 })),
  often(30, repeated(heavy, 3_000)),
  often(1, repeated(heavy, 150_000)),
);

/** `@1234@` becomes the bare number: written as JavaScript's it would have lost its last digits. */
const giantNumber = fc.oneof(
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
  fc.constantFrom("1e999", "-0", "1E400", "0.1e-400", "9".repeat(400), "639199803770463703", "-9007199254740993"),
);
const bareNumber = giantNumber.map((digits) => `@${digits}@`);
const bare = /"@(-?[\dEe.+-]+)@"/g;

/** Objects in objects, as far as the reader goes and beyond. */
const deep = fc
  .tuple(fc.constantFrom("Host", "ImageFile", "a", "$ref"), fc.oneof(fc.nat(20), fc.integer({ min: 240, max: 600 })))
  .map(([key, levels]) => `${`{"${key}":`.repeat(levels)}{}${"}".repeat(levels)}`);

const references = fc.constantFrom(
  '{"$id":"1","Host":{"$ref":"1"}}',
  '{"Host":{"$ref":"2"},"a":{"$id":"2","MachineId":{"$ref":"3"}},"b":{"$id":"3","$ref":"2"}}',
  `{"Host":{"MachineId":"${"0c".repeat(20)}","Role":0,${poison}}}`,
  `{"Host":{"MachineId":"${"0c".repeat(16)}","Role":"0"},"MergeByKeyHex":{"a":1}}`,
  `{${poison}}`,
);

const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  often(5, anyText),
  often(2, bareNumber),
  often(2, fc.constantFrom<unknown>(null, true, 0, -1, 0.5, [], {}, [null], { a: { b: [] } }, [["x"]])),
  often(2, references),
  often(1, deep),
  often(1, fc.jsonValue({ maxDepth: 3 })),
);

const columns = [...new Set(templates.flatMap(({ properties }) => Object.keys(properties)))];
const envelope = ["time", "tenantId", "category", "operationName", "properties", "records", "Tenant"];

const anyAlertId = fc.integer({ min: 0, max: 5 }).map((number) => `da${number}_-${number}`);
const anyMachineId = fc.integer({ min: 0, max: 15 }).map((digit) => digit.toString(16).repeat(40));

/** A record as Defender may write it. */
const soundRecord: fc.Arbitrary<Said> = fc
  .record({
    template: fc.constantFrom(...templates),
    alertId: anyAlertId,
    machineId: anyMachineId,
    role: fc.constantFrom("Impacted", "Related", null, "impacted"),
    severity: fc.constantFrom("High", "low", "", null, "Severe"),
    texts: fc.dictionary(fc.constantFrom("Title", "AccountName", "AccountUpn", "ServiceSource", "Categories"), anyText),
  })
  .map(({ template, alertId, machineId, role, severity, texts }) => {
    const known = { AlertId: alertId, DeviceId: machineId, EvidenceRole: role, Severity: severity };
    const own = Object.entries({ ...known, ...texts }).filter(([column]) => column in template.properties);
    const properties = { ...template.properties, ...Object.fromEntries(own) };
    return { text: JSON.stringify({ ...template, properties }), isSound: true };
  });

const poisoned = (text: string): string =>
  text.replace('{"', () => `{${poison},"`).replace('"properties":{"', () => `"properties":{${poison},"`);

/** A record with whatever values and keys, of which some are still good. */
const hostileRecord: fc.Arbitrary<Said> = fc
  .record({
    template: fc.constantFrom(...templates),
    outside: fc.dictionary(fc.oneof(fc.constantFrom(...envelope), anyText), anyValue, { maxKeys: 2 }),
    inside: fc.dictionary(fc.oneof(fc.constantFrom(...columns), anyText), anyValue, { maxKeys: 6 }),
    isPoisoned: fc.boolean(),
  })
  .map(({ template, outside, inside, isPoisoned }) => {
    const properties = { ...template.properties, ...inside };
    const text = JSON.stringify({ ...template, properties, ...outside }).replace(bare, "$1");
    return { text: isPoisoned ? poisoned(text) : text, isSound: false };
  });

const noRecord: fc.Arbitrary<Said> = fc
  .oneof(
    fc.constantFrom("null", "[]", "{}", "17", '"{"', '"\\uFEFF{}"', '{"records":[]}'),
    deep,
    fc.json({ maxDepth: 4 }),
  )
  .map((text) => ({ text, isSound: false }));

const anyRecord = fc.oneof(often(6, soundRecord), often(5, hostileRecord), often(1, noRecord));

/** Now and then more than a hub carries, in number or in size. */
const manyRecords: fc.Arbitrary<Said[]> = fc
  .tuple(fc.oneof(soundRecord, noRecord), fc.integer({ min: 1, max: 6_000 }))
  .map(([record, times]) => {
    const most = record.isSound ? Math.min(times, Math.floor(900_000 / Buffer.byteLength(record.text))) : times;
    return Array<Said>(Math.max(1, most)).fill(record);
  });

const anyRecords = fc.oneof(often(1_000, fc.array(anyRecord, { maxLength: 6 })), often(1, manyRecords));

type Form = (texts: readonly string[]) => Uint8Array | string | object;

const wrapped = (texts: readonly string[]) => `{"records":[${texts.join()}]}`;

/** The forms forwarders give to a message. */
const anyForm = fc.constantFrom<Form>(
  wrapped,
  (texts) => Buffer.from(wrapped(texts)),
  (texts) => Buffer.from(`\uFEFF${wrapped(texts)}`),
  (texts) => `\uFEFF ${wrapped(texts)}\r\n`,
  (texts) => Buffer.from(`[${texts.join()}]`),
  (texts) => Buffer.from(JSON.stringify({ records: texts })),
  (texts) => Buffer.from(JSON.stringify(wrapped(texts))),
  (texts) => JSON.parse(wrapped(texts)) as object,
);

const composed: fc.Arbitrary<FuzzMessage> = fc.tuple(anyRecords, anyForm).map(([records, form]) => {
  const body = form(records.map(({ text }) => text));
  // Writing JSON text in JSON text makes it longer, so that even good records may be too much.
  const isSmall = body instanceof Uint8Array ? body.byteLength < 1_000_000 : true;
  return { body, isSound: isSmall && records.every(({ isSound }) => isSound) };
});

const tokens = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "-",
  "1e999",
  '"$ref":"1"',
  `${poison},`,
  "\u0000",
  "\uFEFF",
  "🚨",
];

interface Change {
  kind: "flip" | "remove" | "repeat" | "insert" | "cut" | "bit";
  /** Where, as a part of the whole. */
  at: number;
  length: number;
  byte: number;
  token: string;
}

/** What faults and attackers do to bytes. */
const anyChange: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom<Change["kind"]>("flip", "remove", "repeat", "insert", "cut", "bit"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 300 }),
  byte: fc.integer({ min: 0, max: 255 }),
  token: fc.constantFrom(...tokens),
});

function changed(bytes: Buffer, { kind, at, length, byte, token }: Change): Buffer {
  const from = Math.floor(at * bytes.length);
  const before = bytes.subarray(0, from);
  const part = bytes.subarray(from, from + length);
  const after = bytes.subarray(from + part.length);
  switch (kind) {
    case "flip":
      return Buffer.concat([before, Buffer.from([byte]), bytes.subarray(from + 1)]);
    case "remove":
      return Buffer.concat([before, after]);
    case "repeat":
      return Buffer.concat([before, part, part, after]);
    case "insert":
      return Buffer.concat([before, Buffer.from(token), bytes.subarray(from)]);
    case "cut":
      return Buffer.from(before);
    default:
      return Buffer.concat([before, Buffer.from([(bytes[from] ?? 0) ^ (1 << (byte % 8))]), bytes.subarray(from + 1)]);
  }
}

const mutated: fc.Arbitrary<FuzzMessage> = fc
  .tuple(composed, fc.array(anyChange, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([{ body }, changes, isText]) => {
    const whole = body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body);
    const bytes = changes.reduce(changed, Buffer.from(whole));
    return { body: isText ? bytes.toString("utf8") : bytes, isSound: false };
  });

const noise: fc.Arbitrary<FuzzMessage> = fc
  .oneof(
    fc.uint8Array({ maxLength: 200 }),
    anyText,
    deep.map((text) => Buffer.from(text)),
    repeated(["[", '{"a":', "1,", '"', "ü"], 200_000),
  )
  .map((body) => ({ body, isSound: false }));

/** Any message: good ones, good ones that were damaged, those that mean harm, and no messages at all. */
export const anyMessage: fc.Arbitrary<FuzzMessage> = fc.oneof(often(10, composed), often(8, mutated), often(1, noise));
