import { earliestEventPosition, latestEventPosition, type PartitionProperties } from "@azure/event-hubs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aStandIn, receive, receiving, until } from "./stand-in.ts";

let standIn: Awaited<ReturnType<typeof aStandIn>>;
let afterTwo: PartitionProperties;

beforeAll(async () => {
  standIn = await aStandIn();
  const producer = standIn.producer();
  await producer.sendBatch([{ body: 0 }, { body: 1 }], { partitionId: "0" });
  afterTwo = await producer.getPartitionProperties("0");
  await new Promise((resolve) => setTimeout(resolve, 5));
  await producer.sendBatch([{ body: 2 }, { body: 3 }], { partitionId: "0" });
});
afterAll(() => standIn[Symbol.asyncDispose]());

test.each([
  ["the oldest event", () => earliestEventPosition, [0, 1, 2, 3]],
  ["after a sequence number", () => ({ sequenceNumber: 1 }), [2, 3]],
  ["at a sequence number", () => ({ sequenceNumber: 1, isInclusive: true }), [1, 2, 3]],
  ["after an offset", () => ({ offset: afterTwo.lastEnqueuedOffset }), [2, 3]],
  ["at an offset", () => ({ offset: afterTwo.lastEnqueuedOffset, isInclusive: true }), [1, 2, 3]],
  ["after a time", () => ({ enqueuedOn: afterTwo.lastEnqueuedOnUtc }), [2, 3]],
  ["the newest event, inclusive", () => ({ ...latestEventPosition, isInclusive: true }), [3]],
])("starts from %s", async (_, position, bodies) => {
  expect(await receive(standIn.consumer(), bodies.length, position())).toEqual(bodies);
});

test("starts with the next event from the latest position", async () => {
  const fresh = await aStandIn();
  const producer = fresh.producer();
  await producer.sendBatch([{ body: "old" }], { partitionId: "0" });
  const received = receiving(fresh.consumer(), latestEventPosition);
  while (received.events.length === 0) await producer.sendBatch([{ body: "new" }], { partitionId: "0" });
  await received.stop();

  expect(received.bodies()).not.toContain("old");
  await fresh[Symbol.asyncDispose]();
});

test.each([
  ["sequence number", { sequenceNumber: 500 }],
  ["offset", { offset: "999999" }],
])("refuses a checkpoint whose %s is ahead of the partition, and says what to do", async (_, position) => {
  const received = receiving(standIn.consumer(), position);
  await until(() => received.errors.length > 0);
  await received.stop();

  expect(received.errors[0]).toMatchObject({ code: "ArgumentError", message: expect.stringContaining("delete it") });
});

test("waits for the first event when a consumer starts at the beginning of an empty partition", async () => {
  const received = receiving(standIn.consumer(), { sequenceNumber: 0, isInclusive: true }, { partition: "1" });
  await standIn.producer().sendBatch([{ body: "first" }], { partitionId: "1" });
  await until(() => received.events.length > 0);
  await received.stop();

  expect(received.bodies()).toEqual(["first"]);
});
