import { EventHubBufferedProducerClient } from "@azure/event-hubs";
import { expect, test } from "vitest";
import { startEventHubs } from "../../../local/event-hubs/server.ts";
import { aStandIn, receive, temporaryFolder, until } from "./stand-in.ts";

test("describes an event hub", async () => {
  await using standIn = await aStandIn();
  const properties = await standIn.consumer().getEventHubProperties();

  expect(properties).toMatchObject({ name: "alerts", partitionIds: ["0", "1"] });
  expect(Date.now() - properties.createdOn.getTime()).toBeLessThan(60_000);
});

test("describes a partition before and after its first event", async () => {
  await using standIn = await aStandIn();
  const producer = standIn.producer();
  const before = await producer.getPartitionProperties("0");
  await producer.sendBatch([{ body: 1 }, { body: 2 }], { partitionId: "0" });
  const after = await producer.getPartitionProperties("0");

  expect(before).toMatchObject({
    eventHubName: "alerts",
    partitionId: "0",
    isEmpty: true,
    beginningSequenceNumber: 0,
    lastEnqueuedSequenceNumber: -1,
    lastEnqueuedOffset: "-1",
  });
  expect(after).toMatchObject({ isEmpty: false, beginningSequenceNumber: 0, lastEnqueuedSequenceNumber: 1 });
  expect(Number(after.lastEnqueuedOffset)).toBeGreaterThan(0);
  expect(Date.now() - after.lastEnqueuedOnUtc.getTime()).toBeLessThan(60_000);
});

test("serves several hubs side by side, whatever the case of their names", async () => {
  await using standIn = await aStandIn({ hubs: [{ name: "Alerts", partitionCount: 1 }, { name: "audit" }] });
  await standIn.producer("audit").sendBatch([{ body: "audit" }], { partitionId: "0" });
  await standIn.producer("alerts").sendBatch([{ body: "alert" }]);

  expect(await receive(standIn.consumer("$default", "ALERTS"), 1)).toEqual(["alert"]);
  expect((await standIn.producer("audit").getEventHubProperties()).partitionIds).toHaveLength(4);
});

test("refuses an unknown hub and names those there are", async () => {
  await using standIn = await aStandIn();
  const refusal = {
    code: "MessagingEntityNotFoundError",
    message: "The messaging entity 'nope' could not be found. The event hubs here are alerts.",
  };

  await expect(standIn.producer("nope").sendBatch([{ body: 1 }])).rejects.toMatchObject(refusal);
  await expect(standIn.producer("nope").getEventHubProperties()).rejects.toMatchObject(refusal);
  await expect(receive(standIn.consumer("$Default", "nope"), 1)).rejects.toMatchObject(refusal);
});

test("refuses an unknown consumer group and names those there are", async () => {
  await using standIn = await aStandIn();

  await expect(receive(standIn.consumer("nope"), 1)).rejects.toMatchObject({
    code: "MessagingEntityNotFoundError",
    message: expect.stringContaining("The consumer groups of the event hub 'alerts' are $Default, siem."),
  });
});

test("refuses an unknown partition", async () => {
  await using standIn = await aStandIn();
  const refusal = { code: "ArgumentOutOfRangeError", message: expect.stringContaining("has partitions 0 to 1") };

  await expect(standIn.producer().sendBatch([{ body: 1 }], { partitionId: "2" })).rejects.toMatchObject(refusal);
  await expect(standIn.producer().getPartitionProperties("2")).rejects.toMatchObject(refusal);
  await expect(receive(standIn.consumer(), 1, undefined, { partition: "2" })).rejects.toMatchObject(refusal);
});

test("refuses an event larger than 1 MiB and goes on with the next", async () => {
  await using standIn = await aStandIn();
  const producer = standIn.producer();
  const body = Buffer.alloc(1_048_576);

  await expect(producer.sendBatch([{ body }], { partitionId: "0" })).rejects.toMatchObject({
    code: "MessageTooLargeError",
  });
  expect((await producer.createBatch()).tryAdd({ body })).toBe(false);

  await producer.sendBatch([{ body: body.subarray(0, 1_000_000) }], { partitionId: "0" });
  expect((await receive(standIn.consumer(), 1))[0]).toHaveLength(1_000_000);
});

test("refuses idempotent publishing, which it does not offer", async () => {
  await using standIn = await aStandIn();
  const refusals: Error[] = [];
  const producer = new EventHubBufferedProducerClient(standIn.connectionString, "alerts", {
    enableIdempotentRetries: true,
    maxWaitTimeInMs: 10,
    retryOptions: { maxRetries: 0 },
    onSendEventsErrorHandler: async ({ error }) => void refusals.push(error),
  });
  await producer.enqueueEvent({ body: 1 });
  await until(() => refusals.length > 0);
  await producer.close({ flush: false });

  expect(refusals[0]).toMatchObject({ code: "NotImplementedError" });
});

test.each([
  ["no hub at all", [], "Name at least one event hub"],
  ["a hub without a name", [{ name: "" }], '"" is not a name'],
  ["a hub named twice", [{ name: "alerts" }, { name: "Alerts" }], 'The event hub "Alerts" is named twice.'],
  ["too many partitions", [{ name: "alerts", partitionCount: 33 }], "it can have 1 to 32"],
  ["a group without a name", [{ name: "alerts", consumerGroups: [""] }], "is not a name for a consumer group"],
])("does not start with %s", async (_, hubs, message) => {
  using folder = temporaryFolder();
  await expect(startEventHubs({ port: 0, folder: folder.path, hubs })).rejects.toThrow(message);
});
