import { expect, test } from "vitest";
import { aStandIn, receive, receiving, until } from "./stand-in.ts";

test("delivers every event to each consumer group", async () => {
  await using standIn = await aStandIn();
  await standIn.producer().sendBatch([{ body: 1 }, { body: 2 }], { partitionId: "0" });

  expect(await receive(standIn.consumer("$Default"), 2)).toEqual([1, 2]);
  expect(await receive(standIn.consumer("siem"), 2)).toEqual([1, 2]);
});

test("takes a partition away from a consumer with a lower owner level", async () => {
  await using standIn = await aStandIn();
  const older = receiving(standIn.consumer(), undefined, { ownerLevel: 1 });
  const producer = standIn.producer();
  await producer.sendBatch([{ body: 1 }], { partitionId: "0" });
  await until(() => older.events.length === 1);

  const newer = receiving(standIn.consumer(), undefined, { ownerLevel: 2 });
  await until(() => older.closed.length > 0);
  await producer.sendBatch([{ body: 2 }], { partitionId: "0" });
  await until(() => newer.events.length === 2);

  expect(older.errors[0]).toMatchObject({ code: "ReceiverDisconnectedError" });
  expect(older.closed).toEqual(["OwnershipLost"]);
  expect(older.bodies()).toEqual([1]);
  await Promise.all([older.stop(), newer.stop()]);
});

test.each([
  ["a lower owner level", { ownerLevel: 1 }],
  ["no owner level", {}],
])("refuses a consumer with %s while another owns the partition", async (_, options) => {
  await using standIn = await aStandIn();
  const owner = receiving(standIn.consumer(), undefined, { ownerLevel: 2 });
  await standIn.producer().sendBatch([{ body: 1 }], { partitionId: "0" });
  await until(() => owner.events.length === 1);

  await expect(receive(standIn.consumer(), 1, undefined, options)).rejects.toMatchObject({
    code: "ReceiverDisconnectedError",
    message: expect.stringContaining("owner level 2"),
  });
  expect(owner.errors).toEqual([]);
  await owner.stop();
});

test("lets another consumer group read a partition that one has claimed", async () => {
  await using standIn = await aStandIn();
  const owner = receiving(standIn.consumer(), undefined, { ownerLevel: 2 });
  await standIn.producer().sendBatch([{ body: 1 }], { partitionId: "0" });
  await until(() => owner.events.length === 1);

  expect(await receive(standIn.consumer("siem"), 1)).toEqual([1]);
  await owner.stop();
});

test("lets five consumers share a partition and refuses the sixth", async () => {
  await using standIn = await aStandIn();
  await standIn.producer().sendBatch([{ body: 1 }], { partitionId: "0" });
  const sharing = Array.from({ length: 5 }, () => receiving(standIn.consumer()));
  await until(() => sharing.every(({ events }) => events.length === 1));

  await expect(receive(standIn.consumer(), 1)).rejects.toMatchObject({ code: "QuotaExceededError" });
  await sharing[0]?.stop();
  expect(await receive(standIn.consumer(), 1)).toEqual([1]);
  await Promise.all(sharing.slice(1).map(({ stop }) => stop()));
});
