import { statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import {
  type Checkpoint,
  type CheckpointStore,
  EventHubConsumerClient,
  EventHubProducerClient,
  type PartitionOwnership,
} from "@azure/event-hubs";
import { expect, test } from "vitest";
import { startEventHubs } from "../../../local/event-hubs/server.ts";
import { aProcess, aStandIn, receive, retryOptions, temporaryFolder, until } from "./stand-in.ts";

test("keeps events over a restart on the same port, and connected clients go on where they were", async () => {
  using folder = temporaryFolder();
  const hubs = [{ name: "alerts", partitionCount: 1 }];
  const first = await startEventHubs({ port: 0, folder: folder.path, hubs });
  const producer = new EventHubProducerClient(first.connectionString, "alerts", { retryOptions });
  const seen: unknown[] = [];
  const checkpoints = inMemoryCheckpoints();
  const consumer = new EventHubConsumerClient("$Default", first.connectionString, "alerts", checkpoints, {
    retryOptions,
    loadBalancingOptions: { strategy: "greedy", updateIntervalInMs: 100 },
  });
  const subscription = consumer.subscribe(
    {
      processEvents: async (events, context) => {
        seen.push(...events.map(({ body }) => body));
        const last = events.at(-1);
        if (last) await context.updateCheckpoint(last);
      },
      processError: async () => {},
    },
    { startPosition: { sequenceNumber: -1 }, maxBatchSize: 10 },
  );
  await producer.sendBatch([{ body: "before" }]);
  await until(() => seen.length === 1);

  await first.close();
  const second = await startEventHubs({ port: first.port, folder: folder.path, hubs });
  await producer.sendBatch([{ body: "after" }]);
  await until(() => seen.length === 2);

  expect(seen).toEqual(["before", "after"]);
  expect(second.wasInterrupted).toBe(false);
  expect(await producer.getPartitionProperties("0")).toMatchObject({ lastEnqueuedSequenceNumber: 1 });
  await subscription.close();
  await Promise.all([producer.close(), consumer.close()]);
  await second.close();
});

test("loses no acknowledged event when its process is killed in the middle of sending", async () => {
  using folder = temporaryFolder();
  const args = ["--port", "0", "--folder", folder.path, "--hub", "alerts:1"];
  const first = await aProcess(args);
  const producer = new EventHubProducerClient(first.connectionString, "alerts", {
    retryOptions: { maxRetries: 0, timeoutInMs: 1_000 },
  });
  const acknowledged: number[] = [];
  let next = 0;
  const sendUntilKilled = async () => {
    for (;;) {
      const body = next++;
      await producer.sendBatch([{ body }]);
      acknowledged.push(body);
    }
  };
  const senders = Array.from({ length: 8 }, () => sendUntilKilled().catch(() => {}));
  await until(() => acknowledged.length > 200);
  await first.kill();
  await Promise.all(senders);
  await producer.close();

  await using second = await aProcess(args);
  const consumer = new EventHubConsumerClient("$Default", second.connectionString, "alerts", { retryOptions });
  const stored = (await consumer.getPartitionProperties("0")).lastEnqueuedSequenceNumber + 1;
  const bodies = await receive(consumer, stored);
  await consumer.close();

  expect(bodies).toEqual(expect.arrayContaining(acknowledged));
  expect(new Set(bodies).size).toBe(bodies.length);
});

test("drops a last write that was cut short and goes on from the one before", async () => {
  using folder = temporaryFolder();
  const args = ["--port", "0", "--folder", folder.path, "--hub", "alerts:1"];
  const first = await aProcess(args);
  const producer = new EventHubProducerClient(first.connectionString, "alerts", { retryOptions });
  for (const body of ["one", "two", "cut short"]) await producer.sendBatch([{ body }]);
  await first.kill();
  await producer.close();

  const log = join(folder.path, "events.db-wal");
  truncateSync(log, statSync(log).size - 100);

  await using standIn = await aStandIn({ folder: folder.path, hubs: [{ name: "alerts", partitionCount: 1 }] });
  expect(standIn.wasInterrupted).toBe(true);
  await standIn.producer().sendBatch([{ body: "three" }]);
  expect(await receive(standIn.consumer(), 3)).toEqual(["one", "two", "three"]);
});

test("adds partitions to a hub when it is started with more, and refuses to take any away", async () => {
  using folder = temporaryFolder();
  const start = async (partitionCount: number) => {
    const eventHubs = await startEventHubs({
      port: 0,
      folder: folder.path,
      hubs: [{ name: "alerts", partitionCount }],
    });
    await eventHubs.close();
  };
  await start(2);
  await start(3);
  await expect(start(2)).rejects.toThrow(/has 3 partitions in .* and cannot shrink to 2/);
});

/** The least that the client takes for a checkpoint store. */
function inMemoryCheckpoints(): CheckpointStore {
  const checkpoints = new Map<string, Checkpoint>();
  const owned = new Map<string, PartitionOwnership>();
  return {
    claimOwnership: async (claims) => {
      for (const claim of claims) owned.set(claim.partitionId, { ...claim, lastModifiedTimeInMs: Date.now() });
      return claims;
    },
    listOwnership: async () => [...owned.values()],
    updateCheckpoint: async (checkpoint) => void checkpoints.set(checkpoint.partitionId, checkpoint),
    listCheckpoints: async () => [...checkpoints.values()],
  };
}
