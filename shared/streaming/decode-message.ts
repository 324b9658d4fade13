import { z } from "zod";
import { messageOf } from "../errors.ts";
import { MAX_JSON_BYTES, parseExactJson, UnreadableJson } from "../exact-json.ts";
import { readStreamRecord, type StreamRecord } from "./stream-record.ts";

/** Something in a message that is no record of Defender's, with a reason for people and the value to keep. */
export interface Rejected {
  /** Which record of the message, from 0; undefined when it is the message as a whole. */
  index: number | undefined;
  reason: string;
  value: unknown;
}

/** What a message holds: its records in order, and what could not be read. */
export interface Decoded {
  records: StreamRecord[];
  rejected: Rejected[];
}

/** A record is some 200 bytes at the least, so a message with more entries than this holds something else. */
const MAX_RECORDS = 5_000;

/**
 * Reads the body of one Event Hubs message from Defender's streaming API.
 *
 * Defender sends `{"records": [...]}`. Records or all of it written as JSON text, a bare list and a bare record are read as
 * well, as forwarders in between produce them; so are bodies that were parsed already, though large integers in those
 * may have been rounded before. Never throws: what cannot be read is rejected, and the rest of the message is not held up.
 */
export function decodeMessage(body: Uint8Array | string | object): Decoded {
  let entries: Entry[];
  try {
    entries = entriesOf(unwrapped(parseExactJson(textOf(body))));
  } catch (error) {
    return { records: [], rejected: [{ index: undefined, reason: reasonOf("message", error), value: body }] };
  }

  const decoded: Decoded = { records: [], rejected: [] };
  for (const { index, value } of entries) {
    try {
      decoded.records.push(readStreamRecord(unwrapped(value)));
    } catch (error) {
      decoded.rejected.push({ index, reason: reasonOf("record", error), value });
    }
  }
  return decoded;
}

/** What was written as JSON text within JSON. */
const unwrapped = (value: unknown): unknown => (typeof value === "string" ? parseExactJson(withoutMark(value)) : value);

const withoutMark = (text: string): string => text.replace(/^\uFEFF/, "");

interface Entry {
  index: number | undefined;
  value: unknown;
}

function textOf(body: Uint8Array | string | object): string {
  if (typeof body === "string") return withoutMark(body);
  return body instanceof Uint8Array ? textOfBytes(body) : textOfParsed(body);
}

function textOfBytes(bytes: Uint8Array): string {
  if (bytes.byteLength > MAX_JSON_BYTES) throw new UnreadableJson(`is larger than ${MAX_JSON_BYTES} bytes`);
  try {
    // The decoder also drops a byte order mark.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UnreadableJson("is not UTF-8 text", { cause });
  }
}

/** Back to text, so that a parsed body takes the same way, with the same limits, as any other. */
function textOfParsed(body: object): string {
  try {
    return JSON.stringify(body) ?? "";
  } catch (cause) {
    throw new UnreadableJson("cannot be written as JSON", { cause });
  }
}

function entriesOf(body: unknown): Entry[] {
  const list = listIn(body);
  if (list === undefined) return [{ index: undefined, value: body }];
  if (list.length > MAX_RECORDS) throw new UnreadableJson(`holds more than ${MAX_RECORDS} records`);
  return list.map((value, index) => ({ index, value }));
}

function listIn(body: unknown): unknown[] | undefined {
  if (Array.isArray(body)) return body;
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, "records")) return undefined;
  const { records } = body as { records: unknown };
  if (!Array.isArray(records)) throw new UnreadableJson("has records that are no list");
  return records;
}

/** A sentence an operator can act on. It quotes nothing from the message, which may be written by an attacker. */
function reasonOf(what: "message" | "record", error: unknown): string {
  if (error instanceof UnreadableJson) return `The ${what} ${error.message}`;
  if (!(error instanceof z.ZodError)) return `The ${what} cannot be used: ${messageOf(error)}`;
  const faults = error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message));
  return `The ${what} is not one of Defender's: ${faults.join("; ")}`;
}
