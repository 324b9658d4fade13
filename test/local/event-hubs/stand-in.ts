/**
 * The stand-in in a temporary folder, and the real client in few words.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  EventHubConsumerClient,
  EventHubProducerClient,
  type EventPosition,
  earliestEventPosition,
  type ReceivedEventData,
  type SubscribeOptions,
} from "@azure/event-hubs";
import { type EventHubsOptions, startEventHubs } from "../../../local/event-hubs/server.ts";

/** Short waits, so that a test that restarts the stand-in does not sit through the client's usual 30 seconds. */
export const retryOptions = { retryDelayInMs: 50, maxRetries: 40, timeoutInMs: 5_000 };

export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), "event-hubs-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts a stand-in on a free port with the hub `alerts` (2 partitions, group `siem`), unless told otherwise. */
export async function aStandIn(options: Partial<EventHubsOptions> = {}) {
  const folder = temporaryFolder();
  const hubs = [{ name: "alerts", partitionCount: 2, consumerGroups: ["siem"] }];
  const eventHubs = await startEventHubs({ port: 0, folder: folder.path, hubs, ...options });
  const { connectionString } = eventHubs;
  const clients: { close(): Promise<void> }[] = [];
  const opened = <Client extends { close(): Promise<void> }>(client: Client) => {
    clients.push(client);
    return client;
  };
  return {
    ...eventHubs,
    folder: folder.path,
    producer: (hub = "alerts") => opened(new EventHubProducerClient(connectionString, hub, { retryOptions })),
    consumer: (group = "$Default", hub = "alerts") =>
      opened(new EventHubConsumerClient(group, connectionString, hub, { retryOptions })),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await eventHubs.close();
      folder[Symbol.dispose]();
    },
  };
}

/** Collects what a consumer receives from one partition, or from all of them. */
export function receiving(
  consumer: EventHubConsumerClient,
  startPosition: EventPosition = earliestEventPosition,
  { partition = "0", ...options }: SubscribeOptions & { partition?: string } = {},
) {
  const events: ReceivedEventData[] = [];
  const errors: Error[] = [];
  const closed: string[] = [];
  const handlers = {
    processEvents: async (received: ReceivedEventData[]) => void events.push(...received),
    processError: async (error: Error) => void errors.push(error),
    processClose: async (reason: string) => void closed.push(reason),
  };
  const subscribeOptions = { startPosition, maxBatchSize: 100, ...options };
  const subscription =
    partition === "all"
      ? consumer.subscribe(handlers, subscribeOptions)
      : consumer.subscribe(partition, handlers, subscribeOptions);
  return { events, errors, closed, bodies: () => events.map(({ body }) => body), stop: () => subscription.close() };
}

/** Bodies from one partition: the first `count` from a position. */
export async function receive(
  consumer: EventHubConsumerClient,
  count: number,
  position?: EventPosition,
  options?: Parameters<typeof receiving>[2],
): Promise<unknown[]> {
  const received = receiving(consumer, position, options);
  await until(() => received.events.length >= count || received.errors.length > 0);
  await received.stop();
  if (received.errors[0]) throw received.errors[0];
  return received.bodies();
}

export async function until(isTrue: () => boolean, withinMs = 8_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`Still not true after ${withinMs} ms: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The stand-in as a process of its own, once it is ready. */
export async function aProcess(args: string[]) {
  const child = spawnMain(args);
  const ready = new Promise<{ port: number; connectionString: string }>((resolve, reject) => {
    child.once("message", (message: { ready: { port: number; connectionString: string } }) => resolve(message.ready));
    child.once("exit", (code) => reject(new Error(`The stand-in ended with exit code ${code}.`)));
  });
  return {
    ...(await ready),
    kill: () => ended(child, "SIGKILL"),
    [Symbol.asyncDispose]: () => ended(child, "SIGTERM"),
  };
}

/** What the command prints and its exit code, for a run that ends by itself. */
export async function runToEnd(args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawnMain(args);
  let output = "";
  child.stdout?.on("data", (text) => (output += text));
  child.stderr?.on("data", (text) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output: output.trim() };
}

function spawnMain(args: string[]): ChildProcess {
  const main = new URL("../../../local/event-hubs/main.ts", import.meta.url);
  return fork(main, args, { silent: true, execArgv: [] });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}
