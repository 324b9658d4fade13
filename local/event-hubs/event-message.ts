/**
 * Events as bytes: out of what a producer sends, and into what a consumer receives.
 */
import {
  contentOf,
  entriesOf,
  entry,
  long,
  MalformedMessageError,
  mapSection,
  section,
  sectionsOf,
  text,
  timestamp,
} from "./amqp-bytes.ts";

/** The message format Event Hubs clients give a batch: each data section of the envelope is an encoded event. */
const batchFormat = 0x80013700;

const annotation = {
  sequenceNumber: "x-opt-sequence-number",
  offset: "x-opt-offset",
  enqueuedTime: "x-opt-enqueued-time",
  partitionKey: "x-opt-partition-key",
} as const;

/** An encoded event, cut where the stand-in adds to it. */
export interface EventParts {
  header: Buffer;
  annotations: { key: string; value: Buffer; bytes: Buffer }[];
  /** Properties and body, never decoded. */
  rest: Buffer;
}

const owned = new Set<string>(Object.values(annotation));

/** What a producer sent in one message: one event, or a batch that lands in one partition as a whole. */
export interface Publication {
  events: EventParts[];
  partitionKey?: string;
}

/** Where and when an event was stored. */
export interface Stamp {
  sequenceNumber: number;
  offset: number;
  /** Milliseconds since 1970. */
  enqueuedAt: number;
}

/**
 * Takes the events out of a message as it came over the wire.
 *
 * @throws MalformedMessageError when the message or an event in it is not AMQP
 */
export function readPublication(message: Buffer, format: number): Publication {
  const envelope = cut(message);
  const events = format === batchFormat ? eventsIn(message).map(cut) : [envelope];
  const partitionKey = envelope.annotations.find(({ key }) => key === annotation.partitionKey)?.value;
  return { events, ...(partitionKey && { partitionKey: contentOf(partitionKey, 0).toString() }) };
}

/**
 * Gives an event the annotations consumers read its place from. The producer's own annotations stay, except those the
 * service owns: an event that was received elsewhere and sent on must not keep its old place.
 */
export function stampEvent({ header, annotations, rest }: EventParts, stamp: Stamp, partitionKey?: string): Buffer {
  const added = [
    entry(annotation.sequenceNumber, long(stamp.sequenceNumber)),
    entry(annotation.offset, text(String(stamp.offset))),
    entry(annotation.enqueuedTime, timestamp(stamp.enqueuedAt)),
  ];
  if (partitionKey !== undefined) added.push(entry(annotation.partitionKey, text(partitionKey)));

  const kept = annotations.filter(({ key }) => !owned.has(key)).map(({ bytes }) => bytes);
  return Buffer.concat([header, mapSection(section.messageAnnotations, [...kept, ...added]), rest]);
}

/** Tells a consumer that asked for it, along with an event, how far the partition has got. */
export function withLastEnqueued(event: Buffer, last: Stamp, retrievedAt: number): Buffer {
  const [first] = sectionsOf(event);
  const headerEnd = first?.code === section.header ? first.end : 0;
  const lastEnqueued = mapSection(section.deliveryAnnotations, [
    entry("last_enqueued_sequence_number", long(last.sequenceNumber)),
    entry("last_enqueued_offset", text(String(last.offset))),
    entry("last_enqueued_time_utc", timestamp(last.enqueuedAt)),
    entry("runtime_info_retrieval_time_utc", timestamp(retrievedAt)),
  ]);
  return Buffer.concat([event.subarray(0, headerEnd), lastEnqueued, event.subarray(headerEnd)]);
}

function eventsIn(envelope: Buffer): Buffer[] {
  const sections = [...sectionsOf(envelope)].filter(({ code }) => code === section.data);
  return sections.map(({ valueStart }) => contentOf(envelope, valueStart));
}

/** Walks the whole message, so that a damaged one is refused here and not by whoever consumes it. */
function cut(message: Buffer): EventParts {
  const parts: EventParts = { header: message.subarray(0, 0), annotations: [], rest: message.subarray(message.length) };
  let hasBody = false;
  for (const { code, start, valueStart, end } of sectionsOf(message)) {
    if (code === section.header) parts.header = message.subarray(start, end);
    else if (code === section.messageAnnotations) parts.annotations = [...entriesOf(message, valueStart)];
    // Delivery annotations are between two neighbours and go no further.
    else if (code !== section.deliveryAnnotations && parts.rest.length === 0) parts.rest = message.subarray(start);
    hasBody ||= code === section.data || code === section.sequence || code === section.value;
  }
  if (!hasBody) throw new MalformedMessageError("An event has no body.");
  return parts;
}
