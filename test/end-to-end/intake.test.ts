import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventHubProducerClient } from "@azure/event-hubs";
import { BlobServiceClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, connectApi } from "../../local/api.ts";
import { aMessage, anAlertEvidence } from "../../local/demo/stream-records.ts";
import { ALERT_HUB, type Stack, startStack } from "../../local/stack.ts";

let folder: string;
let stack: Stack;
let api: Api;
let producer: EventHubProducerClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "playbooks-intake-"));
  stack = await startStack({
    folder,
    limitScale: 1_000,
    simulator: ["--no-throttling", "--final-after-ms", "0"],
  });
  api = await connectApi(stack.host.addresses);
  producer = new EventHubProducerClient(stack.eventHubsConnectionString, ALERT_HUB);
}, 60_000);

afterAll(async () => {
  await producer?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const alertIdOf = (number: number): string => `da${String(number).padStart(18, "0")}_3`;

async function until<T>(look: () => Promise<T>, isDone: (seen: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + 60_000; ; ) {
    const seen = await look();
    if (isDone(seen) || Date.now() > deadline) return seen;
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

async function deadLetters(): Promise<string[]> {
  const container = BlobServiceClient.fromConnectionString(stack.storageConnectionString).getContainerClient(
    "dead-letters",
  );
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) names.push(name);
  return names;
}

test("one message among 200 that is not JSON loses none of the others", async () => {
  const machineId = "e".repeat(40);
  await stack.simulator.addMachine({ id: machineId });
  const about = { tenantId: stack.defender.tenantId, machineId, deviceName: "batch", severity: "High" };
  const bodies = Array.from({ length: 200 }, (_, number) =>
    number === 77 ? "not json" : aMessage([anAlertEvidence({ ...about, alertId: alertIdOf(number) })]),
  );
  await producer.sendBatch(bodies.map((body) => ({ body: Buffer.from(body), contentType: "application/json" })));

  const numbers = bodies.flatMap((_, number) => (number === 77 ? [] : [number]));
  const linked = await until(
    async () => (await Promise.all(numbers.map((number) => api.decisions(alertIdOf(number))))).filter(isLinked),
    ({ length }) => length === 199,
  );

  expect(linked).toHaveLength(199);
  expect(new Set(linked.flat().flatMap(({ runId }) => runId ?? [])).size).toBe(1);
  expect(await deadLetters()).toHaveLength(1);
}, 90_000);

const isLinked = (decisions: { runId?: string | undefined }[]): boolean => decisions.some(({ runId }) => runId);
