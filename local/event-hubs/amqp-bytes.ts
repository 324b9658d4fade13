/**
 * Just enough of AMQP's type encoding to cut an encoded message into its sections and to add annotations to it
 * without decoding the rest, so that every other byte reaches the consumer as the producer sent it.
 *
 * @see https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html - section 1.2, "Type Encodings"
 */

/** Format codes of the sections of an AMQP message. */
export const section = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
} as const;

/** One section of an encoded message: where it starts, where the value inside it starts, and where both end. */
export interface Section {
  code: number;
  start: number;
  valueStart: number;
  end: number;
}

/** The bytes are not what AMQP says they should be. */
export class MalformedMessageError extends Error {
  override name = "MalformedMessageError";
}

/** Walks the sections of an encoded message in the order they stand in. */
export function* sectionsOf(message: Buffer): Generator<Section> {
  let start = 0;
  while (start < message.length) {
    if (byteAt(message, start) !== 0x00) throw new MalformedMessageError("A message section has no descriptor.");
    const valueStart = endOfValue(message, start + 1);
    const end = endOfValue(message, valueStart);
    yield { code: descriptorCode(message, start + 1), start, valueStart, end };
    start = end;
  }
}

/** Walks the entries of an encoded map: the key as text, and the bytes of key and value together. */
export function* entriesOf(
  message: Buffer,
  mapStart: number,
): Generator<{ key: string; value: Buffer; bytes: Buffer }> {
  const end = endOfValue(message, mapStart);
  let keyStart = mapStart + (byteAt(message, mapStart) === 0xc1 ? 3 : 9);
  while (keyStart < end) {
    const valueStart = endOfValue(message, keyStart);
    const valueEnd = endOfValue(message, valueStart);
    yield {
      key: contentOf(message, keyStart).toString(),
      value: message.subarray(valueStart, valueEnd),
      bytes: message.subarray(keyStart, valueEnd),
    };
    keyStart = valueEnd;
  }
}

/** What a binary, string or symbol holds. */
export function contentOf(message: Buffer, start: number): Buffer {
  const code = byteAt(message, start);
  if (code >> 4 !== 0xa && code >> 4 !== 0xb)
    throw new MalformedMessageError("Expected a binary, a string or a symbol.");
  return message.subarray(start + (code >> 4 === 0xa ? 2 : 5), endOfValue(message, start));
}

/** A map section, from entries that are already encoded. */
export function mapSection(code: number, entries: Buffer[]): Buffer {
  const items = Buffer.concat(entries);
  const head = Buffer.alloc(12);
  head.set([0x00, 0x53, code, 0xd1]);
  head.writeUInt32BE(items.length + 4, 4);
  head.writeUInt32BE(entries.length * 2, 8);
  return Buffer.concat([head, items]);
}

/** A map entry with a symbol for its key. */
export function entry(key: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xa3, key.length]), Buffer.from(key), value]);
}

export function long(value: number): Buffer {
  const bytes = Buffer.alloc(9, 0x81);
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

export function timestamp(epochMs: number): Buffer {
  const bytes = long(epochMs);
  bytes[0] = 0x83;
  return bytes;
}

export function text(value: string): Buffer {
  const content = Buffer.from(value);
  const head = Buffer.alloc(5, 0xb1);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

/** A section's descriptor is its format code as a small or a full unsigned long. */
function descriptorCode(message: Buffer, start: number): number {
  const code = byteAt(message, start);
  if (code === 0x53) return byteAt(message, start + 1);
  if (code === 0x80) return byteAt(message, start + 8);
  throw new MalformedMessageError("A message section has an unknown kind of descriptor.");
}

/** The upper half of a constructor says how wide the value is, or how wide the field that says so. */
function endOfValue(message: Buffer, start: number): number {
  const code = byteAt(message, start);
  if (code === 0x00) return endOfValue(message, endOfValue(message, start + 1));

  const end = start + 1 + widthOf(message, code >> 4, start + 1);
  if (end > message.length) throw new MalformedMessageError("A value is longer than the message it stands in.");
  return end;
}

function widthOf(message: Buffer, category: number, sizeAt: number): number {
  switch (category) {
    case 0x4:
      return 0;
    case 0x5:
      return 1;
    case 0x6:
      return 2;
    case 0x7:
      return 4;
    case 0x8:
      return 8;
    case 0x9:
      return 16;
    case 0xa:
    case 0xc:
    case 0xe:
      return 1 + byteAt(message, sizeAt);
    case 0xb:
    case 0xd:
    case 0xf:
      if (sizeAt + 4 > message.length) throw new MalformedMessageError("A message ends within a value.");
      return 4 + message.readUInt32BE(sizeAt);
    default:
      throw new MalformedMessageError("A message holds a value of unknown type.");
  }
}

function byteAt(message: Buffer, position: number): number {
  const byte = message[position];
  if (byte === undefined) throw new MalformedMessageError("A message ends within a value.");
  return byte;
}
