import { expect, test } from "vitest";
import { PartitionLane } from "../../../local/host/triggers/event-hubs/partition-lane.ts";

const handled = async () => true;

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("one batch runs after the other, also when they come at once", async () => {
  const lane = new PartitionLane(1, new AbortController().signal);
  const steps: string[] = [];
  const batch = (name: string) => async () => {
    steps.push(`${name} begins`);
    await settle();
    steps.push(`${name} ends`);
    return true;
  };
  await Promise.all([lane.run(batch("first"), async () => {}), lane.run(batch("second"), async () => {})]);
  expect(steps).toEqual(["first begins", "first ends", "second begins", "second ends"]);
});

test("a slow checkpoint holds up no batch, and of those that wait only the newest is written", async () => {
  const lane = new PartitionLane(1, new AbortController().signal);
  const slow = Promise.withResolvers<void>();
  const written: number[] = [];
  const checkpoint = (number: number) => async () => {
    written.push(number);
    if (number === 1) await slow.promise;
  };
  for (const number of [1, 2, 3]) await lane.run(handled, checkpoint(number));
  expect(written).toEqual([1]);
  slow.resolve();
  await lane.end();
  expect(written).toEqual([1, 3]);
});

test("only every n-th batch sets a checkpoint, and the end sets the last", async () => {
  const lane = new PartitionLane(2, new AbortController().signal);
  const written: number[] = [];
  for (const number of [1, 2, 3]) {
    await lane.run(handled, async () => void written.push(number));
    await settle();
  }
  expect(written).toEqual([2]);
  await lane.end();
  expect(written).toEqual([2, 3]);
});

test("a batch that must come again sets no checkpoint, and none starts after the stop", async () => {
  const stopping = new AbortController();
  const lane = new PartitionLane(1, stopping.signal);
  const calls: string[] = [];
  const checkpoint = async () => void calls.push("checkpoint");
  await lane.run(async () => false, checkpoint);
  stopping.abort();
  await lane.run(async () => {
    calls.push("batch");
    return true;
  }, checkpoint);
  await lane.end();
  expect(calls).toEqual([]);
});

test("a checkpoint that fails is written again", async () => {
  const lane = new PartitionLane(1, new AbortController().signal);
  let tries = 0;
  await lane.run(handled, async () => {
    tries++;
    if (tries === 1) throw new Error("storage is away");
  });
  await lane.end();
  expect(tries).toBe(2);
});
