import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventHubProducerClient } from "@azure/event-hubs";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Azurite, startAzurite } from "../../../local/azurite.ts";
import { type EventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { checkHostJson } from "../../../local/host/host-json.ts";
import { type Log, silentLog } from "../../../local/host/log.ts";
import { startEventHubTrigger } from "../../../local/host/triggers/event-hubs/event-hub-trigger.ts";
import type { Trigger } from "../../../local/host/triggers/trigger.ts";
import type { Invocation, TypedData } from "../../../local/host/worker/types.ts";
import { type FakeFunction, fakeApp } from "../fake-app.ts";

let azurite: Azurite;
let folder: string;
let hubs: EventHubs;
let hub: string;
let tests = 0;
let received: { at: number; invocation: Invocation }[];
let triggers: Trigger[];

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(() => azurite.stop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hubs-"));
  hub = `alerts${++tests}`;
  hubs = await startEventHubs({ port: 0, folder, hubs: [{ name: hub, partitionCount: 2 }] });
  received = [];
  triggers = [];
});

afterEach(async () => {
  await Promise.all(triggers.map((trigger) => trigger.stop()));
  await hubs.close();
  await rm(folder, { recursive: true });
});

interface Start {
  binding?: object;
  hostId?: string;
  log?: Log;
  storage?: string;
  eventHubs?: object;
  retryOptions?: FakeFunction["retryOptions"];
  handler?: FakeFunction["handler"];
}

/** Starts a function on the hub that notes what it is called with. */
function start({ binding = {}, hostId = "host", log = silentLog, eventHubs = {}, ...more }: Start = {}) {
  const { storage = azurite.connectionString, retryOptions, handler } = more;
  const app = fakeApp({
    name: "alertStream",
    trigger: {
      type: "eventHubTrigger",
      connection: "STREAM",
      eventHubName: "%ALERTS_HUB%",
      cardinality: "many",
      dataType: "string",
      ...binding,
    },
    ...(retryOptions && { retryOptions }),
    handler: (invocation) => {
      received.push({ at: performance.now(), invocation });
      return handler?.(invocation);
    },
  });
  const [fn] = app.functions.values();
  if (!fn) throw new Error("no function");
  const trigger = startEventHubTrigger(fn, {
    app,
    settings: { STREAM: hubs.connectionString, ALERTS_HUB: hub, AzureWebJobsStorage: storage },
    eventHubs: checkHostJson({ version: "2.0", extensions: { eventHubs } }).extensions.eventHubs,
    hostId,
    log,
  });
  triggers.push(trigger);
  return trigger;
}

async function send(
  bodies: unknown[],
  options: { partitionId?: string; partitionKey?: string } = { partitionId: "0" },
) {
  const producer = new EventHubProducerClient(hubs.connectionString, hub);
  await producer.sendBatch(
    bodies.map((body) => ({ body, properties: { Table: "AlertInfo" } })),
    options,
  );
  await producer.close();
}

const receivedTexts = () => received.flatMap(({ invocation }) => invocation.triggerData.collectionString?.string ?? []);
const allArrived = (count: number) =>
  vi.waitFor(() => expect(receivedTexts().length).toBeGreaterThanOrEqual(count), { timeout: 15_000, interval: 10 });
const jsonOf = (data: TypedData | undefined) => JSON.parse(data?.json ?? "null");

/** The sequence numbers checkpoints stand at, by partition. */
async function checkpoints(storage = azurite): Promise<Record<string, number>> {
  const container = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient(
    "azure-webjobs-eventhub",
  );
  const found: Record<string, number> = {};
  for await (const { name, metadata } of container.listBlobsFlat({ includeMetadata: true })) {
    const [, blobHub, , kind, partition = ""] = name.split("/");
    if (blobHub === hub && kind === "checkpoint") found[partition] = Number(metadata?.sequencenumber);
  }
  return found;
}

test("hands over events of all partitions with their metadata", async () => {
  start();
  await send(["one", "two"]);
  await send(["three"], { partitionKey: "machine" });
  await allArrived(3);

  expect(receivedTexts().sort()).toEqual(['"one"', '"three"', '"two"']);
  const first = received.find(({ invocation }) => invocation.triggerData.collectionString?.string.includes('"one"'));
  const metadata = first?.invocation.triggerMetadata ?? {};
  expect(jsonOf(metadata.PartitionContext)).toMatchObject({
    EventHubName: hub,
    ConsumerGroup: "$Default",
    PartitionId: "0",
  });
  expect(jsonOf(metadata.SequenceNumberArray)[0]).toBe(0);
  expect(jsonOf(metadata.PropertiesArray)[0]).toEqual({ Table: "AlertInfo" });
  expect(jsonOf(metadata.SystemPropertiesArray)[0]).toMatchObject({ "x-opt-sequence-number": 0, SequenceNumber: 0 });
  expect(new Date(jsonOf(metadata.EnqueuedTimeUtcArray)[0]).getTime()).toBeGreaterThan(Date.now() - 60_000);
  expect(typeof jsonOf(metadata.OffsetArray)[0]).toBe("string");
});

test("gives one event per call, in order, without many", async () => {
  start({ binding: { cardinality: "one" } });
  await send([{ n: 1 }, { n: 2 }, { n: 3 }]);
  await vi.waitFor(() => expect(received).toHaveLength(3), { timeout: 10_000 });

  expect(received.map(({ invocation }) => invocation.triggerData.string)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  expect(jsonOf(received[2]?.invocation.triggerMetadata?.SequenceNumber)).toBe(2);
});

test("gives the bytes as they came when the function asks for binary", async () => {
  start({ binding: { dataType: "binary" } });
  const bytes = Buffer.from([0, 255, 254]);
  await send([bytes]);
  await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 10_000 });

  expect(received[0]?.invocation.triggerData).toEqual({ collectionBytes: { bytes: [bytes] } });
});

test("passes over a batch that is not JSON when the function says nothing of its type, as Azure does", async () => {
  start({ binding: { dataType: undefined } });
  await send([Buffer.from("not json")]);
  await vi.waitFor(async () => expect(await checkpoints()).toEqual({ 0: 0 }), { timeout: 10_000 });

  expect(received).toEqual([]);
});

test("delivers within a fraction of a second of a first event, and within milliseconds after", async () => {
  start();
  await send(["warm"]);
  await allArrived(1);
  const producer = new EventHubProducerClient(hubs.connectionString, hub);
  const delays: number[] = [];
  for (let count = 2; count < 12; count++) {
    const sentAt = performance.now();
    await producer.sendBatch([{ body: String(count) }], { partitionId: "0" });
    await vi.waitFor(() => expect(received).toHaveLength(count), { interval: 1, timeout: 5000 });
    delays.push((received.at(-1)?.at ?? 0) - sentAt);
  }
  await producer.close();
  const median = delays.sort((a, b) => a - b)[5] ?? Number.POSITIVE_INFINITY;
  if (process.env.DEBUG) console.log("delays", delays.map((delay) => delay.toFixed(1)).join(" "));
  expect(median).toBeLessThan(250);
});

test("goes on from the checkpoint after a stop, without repeating", async () => {
  const first = start();
  await send(["one", "two"]);
  await allArrived(2);
  await first.stop();
  expect(await checkpoints()).toMatchObject({ 0: 1 });

  start();
  await send(["three"]);
  await allArrived(3);
  expect(receivedTexts()).toEqual(['"one"', '"two"', '"three"']);
});

test("delivers again what a killed host had not finished, at once and on the same partitions", async () => {
  // A host that never comes back: its call hangs, and it neither sets a checkpoint nor gives up its partitions.
  const killed = start({ handler: () => new Promise(() => {}) });
  await send(["one"]);
  await allArrived(1);
  const restartedAt = performance.now();
  start();
  await allArrived(2);

  expect(receivedTexts()).toEqual(['"one"', '"one"']);
  expect(performance.now() - restartedAt).toBeLessThan(5000);
  triggers.splice(triggers.indexOf(killed), 1);
});

test("sets the checkpoint also behind a batch whose function failed", async () => {
  start({
    handler: () => {
      throw new Error("cannot");
    },
  });
  await send(["one"]);
  await allArrived(1);
  await vi.waitFor(async () => expect(await checkpoints()).toMatchObject({ 0: 0 }), { timeout: 5000 });
  await send(["two"]);
  await allArrived(2);
  expect(receivedTexts()).toEqual(['"one"', '"two"']);
});

test("repeats a whole batch under the retry policy while other partitions go on, and only then sets the checkpoint", async () => {
  start({
    retryOptions: { maxRetryCount: 2, retryStrategy: "fixedDelay", delayInterval: { seconds: 1 } },
    handler: ({ triggerData }) => {
      if (triggerData.collectionString?.string.includes('"bad"')) throw new Error("dead-letter store is away");
      return undefined;
    },
  });
  await send(["bad"]);
  await allArrived(1);
  await send(["good"], { partitionId: "1" });
  await allArrived(2);
  expect(receivedTexts()).toContain('"good"');
  expect(await checkpoints()).not.toHaveProperty("0");
  await allArrived(4);

  const tries = received.filter(({ invocation }) => invocation.triggerData.collectionString?.string[0] === '"bad"');
  expect(tries.map(({ invocation }) => invocation.retryContext)).toEqual([
    { retryCount: 0, maxRetryCount: 2 },
    { retryCount: 1, maxRetryCount: 2 },
    { retryCount: 2, maxRetryCount: 2 },
  ]);
  await vi.waitFor(async () => expect(await checkpoints()).toMatchObject({ 0: 0 }), { timeout: 5000 });
});

test("leaves the checkpoint where it is when it is stopped between two tries", async () => {
  const trigger = start({
    retryOptions: { maxRetryCount: -1, retryStrategy: "fixedDelay", delayInterval: { seconds: 30 } },
    handler: () => {
      throw new Error("down");
    },
  });
  await send(["one"]);
  await allArrived(1);
  await trigger.stop();
  expect(await checkpoints()).toEqual({});
});

test("lets a call under way finish when it stops, and sets its checkpoint", async () => {
  let finished = false;
  const trigger = start({
    handler: async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      finished = true;
      return undefined;
    },
  });
  await send(["one"]);
  await allArrived(1);
  await trigger.stop();
  expect(finished).toBe(true);
  expect(await checkpoints()).toEqual({ 0: 0 });
});

test("says once that the event hub is lost and once that it is back, and goes on", async () => {
  const lines: string[] = [];
  const note = (message: string) => void lines.push(message);
  start({ log: { debug: note, info: note, warn: note, error: note } });
  await send(["one"]);
  await allArrived(1);
  const { port } = hubs;
  await hubs.close();
  await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 10_000 });
  hubs = await startEventHubs({ port, folder, hubs: [{ name: hub, partitionCount: 2 }] });
  await send(["two"]);
  await allArrived(2);
  await vi.waitFor(() => expect(lines).toHaveLength(2), { timeout: 10_000 });

  expect(lines).toEqual([
    `The event hub "${hub}" cannot be reached and is tried again until it can`,
    `The event hub "${hub}" is reached again`,
  ]);
});

test("goes on without the storage of checkpoints and sets them when it is back", async () => {
  const storageFolder = join(folder, "storage");
  const storage = await startAzurite({ folder: storageFolder });
  const ports = portsOf(storage);
  const lines: string[] = [];
  const note = (message: string) => void lines.push(message);
  start({ storage: storage.connectionString, log: { debug: note, info: note, warn: note, error: note } });
  await send(["one"]);
  await allArrived(1);
  await storage.stop();
  await send(["two"]);
  await allArrived(2);
  await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 10_000 });

  const restarted = await startAzurite({ folder: storageFolder, ports });
  await vi.waitFor(async () => expect(await checkpoints(restarted)).toEqual({ 0: 1 }), { timeout: 10_000 });
  await Promise.all(triggers.splice(0).map((trigger) => trigger.stop()));
  await restarted.stop();

  expect(lines).toEqual([
    "The storage of checkpoints cannot be reached and is tried again until it can",
    "The storage of checkpoints is reached again",
  ]);
});

function portsOf({ connectionString }: Azurite) {
  const port = (service: string) => Number(connectionString.match(`${service}Endpoint=http://[^:]+:(\\d+)`)?.[1]);
  return { blob: port("Blob"), queue: port("Queue"), table: port("Table") };
}

test("names a setting that is missing or wrong, without its value", () => {
  const app = fakeApp({
    name: "f",
    trigger: { type: "eventHubTrigger", connection: "STREAM", eventHubName: "alerts" },
    handler: () => undefined,
  });
  const [fn] = app.functions.values();
  if (!fn) throw new Error("no function");
  const eventHubs = checkHostJson({ version: "2.0" }).extensions.eventHubs;
  const open = (settings: Record<string, string>) => () =>
    startEventHubTrigger(fn, { app, settings, eventHubs, hostId: "host", log: silentLog });

  expect(open({})).toThrow(
    "neither the app setting STREAM (a connection string) nor STREAM__fullyQualifiedNamespace is set",
  );
  expect(open({ STREAM: "SharedAccessKey=hunter2" })).toThrow(
    /^the app setting STREAM is not an Event Hubs connection string$/,
  );
  expect(open({ STREAM: hubs.connectionString })).toThrow("the app setting AzureWebJobsStorage is not set");
});
