import type { PartitionContext, ReceivedEventData } from "@azure/event-hubs";
import type { Binding, Invocation, TypedData } from "../../worker/types.ts";

/** A message that the function's data type cannot hold. */
export class NotJsonError extends Error {
  override name = "NotJsonError";
}

/**
 * Events in the form the Functions host hands them over: with `cardinality: "many"` all in one call, else one by one.
 *
 * @throws NotJsonError when the function gives no `dataType` and a message is not JSON. In Azure such a batch never
 * reaches the function either, and is passed over; an app that takes any message says `dataType: "binary"`.
 */
export function eventHubInvocations(
  events: ReceivedEventData[],
  partition: Partition,
  { cardinality, dataType }: Binding,
): Invocation[] {
  if (String(cardinality).toLowerCase() !== "many") {
    return events.map((event) => ({
      triggerData: oneBody(event, dataType),
      triggerMetadata: { PartitionContext: json(partitionContext(partition)), ...metadataOf(event) },
    }));
  }
  return [{ triggerData: manyBodies(events, dataType), triggerMetadata: metadataOfAll(events, partition) }];
}

export type Partition = Pick<
  PartitionContext,
  "fullyQualifiedNamespace" | "eventHubName" | "consumerGroup" | "partitionId"
>;

function oneBody(event: ReceivedEventData, dataType: unknown): TypedData {
  return dataType === "binary" ? { bytes: bytesOf(event.body) } : { string: textOf(event.body, dataType) };
}

function manyBodies(events: ReceivedEventData[], dataType: unknown): TypedData {
  if (dataType === "binary") return { collectionBytes: { bytes: events.map(({ body }) => bytesOf(body)) } };
  return { collectionString: { string: events.map(({ body }) => textOf(body, dataType)) } };
}

/** Most bodies are bytes; an AMQP sender may also have sent a value, which counts as its JSON. */
function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : (JSON.stringify(body) ?? ""));
}

function textOf(body: unknown, dataType: unknown): string {
  const text = bytesOf(body).toString("utf8");
  if (dataType !== "string") mustBeJson(text);
  return text;
}

function mustBeJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw new NotJsonError('a message is not JSON: the function needs dataType "string" or "binary" to take it');
  }
}

function metadataOf(event: ReceivedEventData): Record<string, TypedData> {
  return {
    EnqueuedTimeUtc: json(event.enqueuedTimeUtc.toISOString()),
    SequenceNumber: json(event.sequenceNumber),
    Offset: json(event.offset),
    PartitionKey: json(event.partitionKey ?? null),
    Properties: json(event.properties ?? {}),
    SystemProperties: json(systemPropertiesOf(event)),
  };
}

/** Parallel arrays: the n-th entry of each belongs to the n-th event. Keys are left out when no event has one. */
function metadataOfAll(events: ReceivedEventData[], partition: Partition): Record<string, TypedData> {
  const hasKeys = events.some(({ partitionKey }) => partitionKey != null);
  return {
    PartitionContext: json(partitionContext(partition)),
    EnqueuedTimeUtcArray: json(events.map(({ enqueuedTimeUtc }) => enqueuedTimeUtc.toISOString())),
    SequenceNumberArray: json(events.map(({ sequenceNumber }) => sequenceNumber)),
    OffsetArray: json(events.map(({ offset }) => offset)),
    PartitionKeyArray: json(hasKeys ? events.map(({ partitionKey }) => partitionKey ?? null) : []),
    PropertiesArray: json(events.map(({ properties }) => properties ?? {})),
    SystemPropertiesArray: json(events.map(systemPropertiesOf)),
  };
}

function systemPropertiesOf(event: ReceivedEventData): Record<string, unknown> {
  return {
    ...event.systemProperties,
    "x-opt-sequence-number": event.sequenceNumber,
    "x-opt-offset": event.offset,
    "x-opt-enqueued-time": event.enqueuedTimeUtc.toISOString(),
    ...(event.partitionKey != null && { "x-opt-partition-key": event.partitionKey }),
    SequenceNumber: event.sequenceNumber,
    Offset: event.offset,
    PartitionKey: event.partitionKey ?? null,
    EnqueuedTimeUtc: event.enqueuedTimeUtc.toISOString(),
  };
}

function partitionContext({ fullyQualifiedNamespace, eventHubName, consumerGroup, partitionId }: Partition) {
  return {
    FullyQualifiedNamespace: fullyQualifiedNamespace,
    EventHubName: eventHubName,
    ConsumerGroup: consumerGroup,
    PartitionId: partitionId,
  };
}

function json(value: unknown): TypedData {
  return { json: JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part)) };
}
