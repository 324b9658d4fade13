import { latestEventPosition } from "@azure/event-hubs";
import { expect, test } from "vitest";
import { aStandIn, receive, receiving, until } from "./stand-in.ts";

test("delivers the events of a partition in the order they were sent", async () => {
  await using standIn = await aStandIn();
  const producer = standIn.producer();
  for (const body of [1, 2, 3]) await producer.sendBatch([{ body }], { partitionId: "1" });

  const received = receiving(standIn.consumer(), undefined, { partition: "1" });
  await until(() => received.events.length === 3);
  await received.stop();

  expect(received.bodies()).toEqual([1, 2, 3]);
  expect(received.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2]);
  const offsets = received.events.map(({ offset }) => offset);
  expect(offsets.every((offset) => typeof offset === "string")).toBe(true);
  expect(offsets.map(Number)).toEqual(offsets.map(Number).toSorted((one, other) => one - other));
  expect(new Set(offsets).size).toBe(3);
  expect(received.events[0]?.enqueuedTimeUtc.getTime()).toBeGreaterThan(Date.now() - 60_000);
});

test("delivers a batch whole and in order", async () => {
  await using standIn = await aStandIn();
  const producer = standIn.producer();
  const batch = await producer.createBatch({ partitionId: "0" });
  for (let body = 0; body < 1_000; body++) batch.tryAdd({ body });
  await producer.sendBatch(batch);

  expect(await receive(standIn.consumer(), 1_000)).toEqual(Array.from({ length: 1_000 }, (_, body) => body));
});

test("gives every kind of body and property back as it was sent", async () => {
  await using standIn = await aStandIn();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const sent = [
    { body: { alertId: "da1", evidence: [{ sha1: "é" }], empty: null } },
    { body: "plain text" },
    { body: bytes },
    { body: { severity: "High", score: 7 }, bodyType: "value" as const },
    { body: [1, "two", true], bodyType: "sequence" as const },
    {
      body: "with properties",
      contentType: "application/json",
      correlationId: "c-1",
      messageId: "m-1",
      properties: { tenant: "contoso", attempt: 2, urgent: true },
    },
  ];
  await standIn.producer().sendBatch(sent, { partitionId: "0" });

  const received = receiving(standIn.consumer());
  await until(() => received.events.length === sent.length);
  await received.stop();

  expect(received.bodies()).toEqual(sent.map(({ body }) => body));
  expect(received.events.map((event) => event.getRawAmqpMessage().bodyType)).toEqual([
    "data",
    "data",
    "data",
    "value",
    "sequence",
    "data",
  ]);
  expect(received.events.at(-1)).toMatchObject(sent.at(-1) as object);
});

test("keeps the producer's own annotations and none of an event's earlier place", async () => {
  await using standIn = await aStandIn();
  const messageAnnotations = { "x-opt-sequence-number": 99, "x-opt-offset": "99", source: "defender" };
  const events = [{ body: "sent on", bodyType: "data" as const, messageAnnotations }];
  await standIn.producer().sendBatch(events, { partitionId: "0" });

  const received = receiving(standIn.consumer());
  await until(() => received.events.length === 1);
  await received.stop();

  expect(received.events[0]).toMatchObject({
    sequenceNumber: 0,
    offset: "0",
    systemProperties: { source: "defender" },
  });
});

test("sends all events with one partition key to one partition, and tells the key", async () => {
  await using standIn = await aStandIn({ hubs: [{ name: "alerts", partitionCount: 8 }] });
  const producer = standIn.producer();
  for (let body = 0; body < 6; body++) await producer.sendBatch([{ body }], { partitionKey: "machine-7" });

  const ids = await producer.getPartitionIds();
  const partitions = await Promise.all(ids.map((id) => producer.getPartitionProperties(id)));
  const [partition, ...others] = partitions.filter(({ isEmpty }) => !isEmpty);
  expect(others).toEqual([]);

  const received = receiving(standIn.consumer(), undefined, { partition: partition?.partitionId ?? "" });
  await until(() => received.events.length === 6);
  await received.stop();
  expect(received.events.map(({ partitionKey }) => partitionKey)).toEqual(Array(6).fill("machine-7"));
});

test("spreads events without a key over all partitions", async () => {
  await using standIn = await aStandIn();
  const producer = standIn.producer();
  for (let body = 0; body < 4; body++) await producer.sendBatch([{ body }]);

  const last = await Promise.all(["0", "1"].map((id) => producer.getPartitionProperties(id)));
  expect(last.map(({ lastEnqueuedSequenceNumber }) => lastEnqueuedSequenceNumber)).toEqual([1, 1]);
});

test("pushes an event to a consumer that is already waiting", async () => {
  await using standIn = await aStandIn();
  const received = receiving(standIn.consumer(), latestEventPosition, { partition: "all" });
  const producer = standIn.producer();
  // The client does not say when its links are open, so events are sent until the first one gets through.
  while (received.events.length === 0) await producer.sendBatch([{ body: "first" }], { partitionId: "0" });

  const before = received.events.length;
  await producer.sendBatch([{ body: "second" }], { partitionId: "0" });
  await until(() => received.bodies().slice(before).includes("second"));
  await received.stop();
});

test("delivers more events than a consumer gives credit for at a time", async () => {
  await using standIn = await aStandIn();
  const producer = standIn.producer();
  for (let batch = 0; batch < 2; batch++) {
    const events = Array.from({ length: 1_000 }, (_, index) => ({ body: batch * 1_000 + index }));
    await producer.sendBatch(events, { partitionId: "0" });
  }

  const bodies = await receive(standIn.consumer(), 2_000, undefined, { maxBatchSize: 50, prefetchCount: 70 });
  expect(bodies).toEqual(Array.from({ length: 2_000 }, (_, body) => body));
});

test("tells a consumer that asks how far the partition has got", async () => {
  await using standIn = await aStandIn();
  await standIn.producer().sendBatch([{ body: 1 }, { body: 2 }, { body: 3 }], { partitionId: "0" });

  const consumer = standIn.consumer();
  const last = await new Promise((resolve, reject) => {
    consumer.subscribe(
      "0",
      {
        processEvents: async (_, { lastEnqueuedEventProperties }) => resolve(lastEnqueuedEventProperties),
        processError: async (error) => reject(error),
      },
      { startPosition: { sequenceNumber: -1 }, maxBatchSize: 1, trackLastEnqueuedEventProperties: true },
    );
  });

  const { lastEnqueuedOffset, lastEnqueuedOnUtc } = await consumer.getPartitionProperties("0");
  expect(last).toMatchObject({ sequenceNumber: 2, offset: lastEnqueuedOffset, enqueuedOn: lastEnqueuedOnUtc });
});
