/**
 * npm run fuzz: reads a great many generated messages as the alert stream would, and ends with one line of JSON.
 *
 * FUZZ_RUNS  messages (default 100000)
 * FUZZ_SEED  makes the same messages again (default: new ones every time)
 *
 * Exits with 1 when a message was not read as it must be, or when memory grew.
 */
import fc from "fast-check";
import { checkMessage } from "./check-message.ts";
import { anyMessage, type FuzzMessage } from "./messages.ts";

const BATCH = 1_000;
const MOST_CRASHES = 5;
/** Some is caches that are filled, and fast-check's own. */
const MOST_GROWTH_MB = 16;

const runs = Number(process.env.FUZZ_RUNS ?? 100_000);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const total = { messages: 0, records: 0, rejected: 0, alerts: 0, crashes: 0, slowestMs: 0 };

console.log(`${runs} messages, seed ${seed}`);
fuzz(BATCH, seed - 1); // what is loaded and compiled at first is no growth
const firstHeap = heapMb();
console.log(`heap at first ${firstHeap.toFixed(1)} MB`);
Object.assign(total, { messages: 0, records: 0, rejected: 0, alerts: 0 });

for (let batch = 0; total.messages < runs && total.crashes < MOST_CRASHES; batch++) {
  fuzz(Math.min(BATCH, runs - total.messages), seed + batch);
  if ((batch + 1) % 10 === 0) {
    const { messages, records, rejected, alerts, crashes, slowestMs } = total;
    const counts = `${records} records (${rejected} rejected), ${alerts} alerts, ${crashes} crashes`;
    console.log(`${messages} messages: ${counts}, slowest ${slowestMs.toFixed(0)} ms, heap ${heapMb().toFixed(1)} MB`);
  }
}

const lastHeap = heapMb();
console.log(`heap at last ${lastHeap.toFixed(1)} MB`);
const heapGrowthMb = Number((lastHeap - firstHeap).toFixed(1));
const { messages, records, crashes, slowestMs } = total;
console.log(JSON.stringify({ messages, records, crashes, heapGrowthMb, slowestMs: Math.round(slowestMs) }));
process.exitCode = crashes > 0 || heapGrowthMb > MOST_GROWTH_MB ? 1 : 0;

function fuzz(numRuns: number, batchSeed: number): void {
  const details = fc.check(fc.property(anyMessage, count), { numRuns, seed: batchSeed, endOnFailure: true });
  total.messages += details.numRuns;
  if (!details.failed) return;
  total.crashes++;
  const again = `FUZZ_SEED=${batchSeed} FUZZ_RUNS=${BATCH} npx vitest run test/fuzz`;
  console.error(`${details.errorInstance}\nTo see it shrunk: ${again}\n${start(details.counterexample?.[0]?.body)}`);
}

function count(message: FuzzMessage): void {
  const { records, rejected, alerts, ms } = checkMessage(message);
  total.records += records;
  total.rejected += rejected;
  total.alerts += alerts;
  total.slowestMs = Math.max(total.slowestMs, ms);
}

function start(body: FuzzMessage["body"] | undefined): string {
  const text = body instanceof Uint8Array ? Buffer.from(body).toString("latin1") : body;
  return (JSON.stringify(text) ?? "").slice(0, 2_000);
}

function heapMb(): number {
  if (!globalThis.gc) throw new Error("Memory can only be measured with node --expose-gc");
  globalThis.gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
