import rhea from "rhea";
import { expect, test } from "vitest";
import { MalformedMessageError } from "../../../local/event-hubs/amqp-bytes.ts";
import { readPublication } from "../../../local/event-hubs/event-message.ts";
import { EventStore } from "../../../local/event-hubs/event-store.ts";
import { checkHubs } from "../../../local/event-hubs/hub-settings.ts";
import type { PartitionLog } from "../../../local/event-hubs/partition-log.ts";
import { temporaryFolder } from "./stand-in.ts";

const hubs = checkHubs([{ name: "alerts", partitionCount: 1 }]);
const day = 86_400_000;

test("deletes events that are older than the retention and never uses their numbers again", async () => {
  using folder = temporaryFolder();
  const store = new EventStore(folder.path, hubs, { days: 7, megabytes: 256 });
  const [log] = store.partitionsOf(hubs[0] as (typeof hubs)[0]) as [PartitionLog];
  await store.append(log, anEvent("old"));
  await store.append(log, anEvent("old too"));

  log.trim({ days: 7, megabytes: 256 }, Date.now() + 6 * day);
  expect(log.beginning).toBe(0);
  log.trim({ days: 7, megabytes: 256 }, Date.now() + 8 * day);
  expect([log.beginning, log.isEmpty]).toEqual([2, true]);
  store.close();

  const reopened = new EventStore(folder.path, hubs, { days: 7, megabytes: 256 });
  const [same] = reopened.partitionsOf(hubs[0] as (typeof hubs)[0]) as [PartitionLog];
  await reopened.append(same, anEvent("new"));
  expect(same.read(0, 10).map(({ sequenceNumber }) => sequenceNumber)).toEqual([2]);
  reopened.close();
});

test("deletes the oldest events when a partition grows past its size", async () => {
  using folder = temporaryFolder();
  const store = new EventStore(folder.path, hubs, { days: 7, megabytes: 256 });
  const [log] = store.partitionsOf(hubs[0] as (typeof hubs)[0]) as [PartitionLog];
  for (let index = 0; index < 30; index++) await store.append(log, anEvent("x".repeat(100_000)));

  log.trim({ days: 7, megabytes: 1 }, Date.now());
  expect(log.next - log.beginning).toBe(10);
  store.close();
});

test("keeps the order by time when the clock is set back", async () => {
  using folder = temporaryFolder();
  const store = new EventStore(folder.path, hubs, { days: 7, megabytes: 256 });
  const [log] = store.partitionsOf(hubs[0] as (typeof hubs)[0]) as [PartitionLog];
  log.append(anEvent("now"), 2_000);
  log.append(anEvent("set back"), 1_000);
  log.commit();

  expect(log.last.enqueuedAt).toBe(2_000);
  expect(log.firstEnqueued(2_001)).toBe(2);
  store.close();
});

test("stores what came together in one transaction, in the order it came", async () => {
  using folder = temporaryFolder();
  const store = new EventStore(folder.path, hubs, { days: 7, megabytes: 256 });
  const [log] = store.partitionsOf(hubs[0] as (typeof hubs)[0]) as [PartitionLog];
  let commits = 0;
  log.listeners.add(() => commits++);
  await Promise.all(["a", "b", "c"].map((body) => store.append(log, anEvent(body))));

  expect(commits).toBe(1);
  expect(log.read(0, 10).map(({ message }) => rhea.message.decode(message).body)).toEqual(["a", "b", "c"]);
  store.close();
});

test("tells the producer when an event could not be stored", async () => {
  using folder = temporaryFolder();
  const store = new EventStore(folder.path, hubs, { days: 7, megabytes: 256 });
  const [log] = store.partitionsOf(hubs[0] as (typeof hubs)[0]) as [PartitionLog];
  await store.append(log, anEvent("stored"));
  store.close();

  await expect(store.append(log, anEvent("too late"))).rejects.toThrow();
  expect(log.last.sequenceNumber).toBe(0);
});

test("refuses bytes that are not a message, however they are cut", () => {
  const message = rhea.message.encode({ message_annotations: { key: "value" }, body: "text" });
  for (let length = 0; length < message.length; length++) {
    expect(() => readPublication(message.subarray(0, length), 0)).toThrow(MalformedMessageError);
  }
  expect(() => readPublication(Buffer.from("not AMQP at all"), 0)).toThrow(MalformedMessageError);
});

function anEvent(body: string) {
  return readPublication(rhea.message.encode({ body }), 0);
}
