import { expect, test } from "vitest";
import { alertSighting } from "../../../shared/streaming/alert-sighting.ts";
import { type Decoded, decodeMessage } from "../../../shared/streaming/decode-message.ts";
import { sightingKey } from "../../../shared/streaming/sighting-key.ts";
import { isAlertRecord } from "../../../shared/streaming/stream-record.ts";
import { seededRandom } from "../../helpers/random.ts";
import { recordedLines } from "../../helpers/stream.ts";

const ROUNDS = 3_000;
const lines = ["one-alert", "older-alert", "other-tables"].flatMap(recordedLines);

/** Bytes that mean something to a parser, more often than chance would have them. */
const tokens = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  "-",
  "1e999",
  '"$ref":"1"',
  '"__proto__":',
  "\u0000",
  "\uFEFF",
  "\ud83d\ude80",
];

/** One change of the kind that faults and attackers make: flip, cut, repeat, insert, swap. */
function mutate(bytes: Buffer, random: () => number): Buffer {
  const spot = () => Math.floor(random() * (bytes.length + 1));
  const [from, to] = [spot(), spot()].sort((a, b) => a - b) as [number, number];
  const part = bytes.subarray(from, Math.min(to, from + 200));
  switch (Math.floor(random() * 5)) {
    case 0: {
      const copy = Buffer.from(bytes);
      if (from < copy.length) copy[from] = Math.floor(random() * 256);
      return copy;
    }
    case 1:
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + part.length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, to), part, bytes.subarray(to)]);
    case 3: {
      const token = Buffer.from(tokens[Math.floor(random() * tokens.length)] as string);
      return Buffer.concat([bytes.subarray(0, from), token, bytes.subarray(from)]);
    }
    default:
      return random() < 0.1
        ? bytes.subarray(0, from)
        : Buffer.concat([bytes.subarray(0, from), part, bytes.subarray(to)]);
  }
}

/** What holds of every message, however broken. */
function expectSound({ records, rejected }: Decoded): void {
  for (const { reason } of rejected) expect(reason).toMatch(/^The (message|record) \S/);
  for (const record of records.filter(isAlertRecord)) {
    const { alertId, tenantId, machine, title = "" } = alertSighting(record);
    expect(alertId).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
    expect(tenantId).toMatch(/^[a-z0-9-]{1,64}$/);
    if (machine) expect(machine.id).toMatch(/^[0-9a-f]{32}(?:[0-9a-f]{8})?$/);
    expect(title).not.toMatch(/\p{Cc}/u);
    expect(sightingKey(record)).toMatch(/^\w+-[0-9a-f]{64}$/);
  }
}

test.each([20260309, 1, 424242])("no change to a real message makes reading it throw, seed %i", (seed) => {
  const random = seededRandom(seed);
  const seen = { sound: 0, rejected: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const picked = lines[Math.floor(random() * lines.length)];
    const shape = [
      `{"records":[${picked}]}`,
      JSON.stringify({ records: [picked, picked] }),
      `[${picked}]`,
      `${picked}`,
    ];
    let bytes: Buffer = Buffer.from(shape[round % shape.length] as string);
    for (let changes = Math.floor(random() * 4); changes >= 0; changes--) bytes = mutate(bytes, random);
    const decoded = decodeMessage(random() < 0.5 ? bytes : bytes.toString("utf8"));
    expectSound(decoded);
    seen.sound += decoded.records.length;
    seen.rejected += decoded.rejected.length;
  }
  // Both must happen, or the changes are too mild or too wild to test anything.
  expect(seen.sound).toBeGreaterThan(ROUNDS / 20);
  expect(seen.rejected).toBeGreaterThan(ROUNDS / 20);
});
