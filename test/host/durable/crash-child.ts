/**
 * An engine with an app, in a process of its own that may be killed at any moment.
 *
 * node crash-child.ts <file> <instances>: starts the instances that are not there yet, and prints one line of JSON with
 * all outputs and counts when nothing is left to do.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import * as df from "durable-functions";
import { createEngine } from "../../../local/host/durable/engine.ts";
import { isEnded } from "../../../local/host/durable/history.ts";
import { loadApp } from "../../../local/host/worker/function-app.ts";

const [file = "", instances = "0"] = process.argv.slice(2);
const counters = 5;
/** Two rounds, each with a signal, a call and a call under a lock. */
const ADDS_PER_INSTANCE = 6;
const counterOf = (n: number) => new df.EntityId("counter", `c${n % counters}`);

const app = await loadApp({
  register() {
    df.app.activity("step", {
      handler: async ({ id, step }: { id: string; step: number }) => {
        await pause(step % 3);
        appendFileSync(`${file}.calls`, `${id} ${step}\n`);
        return step * 2;
      },
    });
    df.app.entity<number>("counter", (context) => {
      context.df.setState((context.df.getState(() => 0) ?? 0) + 1);
      context.df.return(0);
    });
    df.app.orchestration("child", function* (context) {
      const n = context.df.getInput<number>();
      yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5 + (n % 10)));
      return (yield context.df.callActivity("step", { id: context.df.instanceId, step: n })) as number;
    });
    df.app.orchestration("mixed", function* (context) {
      const { n, round } = context.df.getInput<{ n: number; round: number }>();
      const id = context.df.instanceId;
      context.df.signalEntity(counterOf(n), "add");
      const first: number = yield context.df.callActivity("step", { id, step: 1 });
      yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 10));
      const both: number[] = yield context.df.Task.all([
        context.df.callActivity("step", { id, step: 2 }),
        context.df.callSubOrchestrator("child", n, `${id}-child-${round}`),
      ]);
      yield context.df.callEntity(counterOf(n + 1), "add");
      const lock: df.DurableLock = yield context.df.lock(counterOf(n), counterOf(n + 1));
      yield context.df.callEntity(counterOf(n), "add");
      lock.release();
      if (round === 1) {
        context.df.continueAsNew({ n, round: 2 });
        return undefined;
      }
      return [n, first, ...both];
    });
  },
});

const failed = (error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
};
const engine = createEngine({
  app,
  file,
  onFailure: failed,
  log: (_, message) => process.stderr.write(`${message}\n`),
});
engine.start();
const ids = Array.from({ length: Number(instances) }, (_, n) => `mixed-${n}`);
await Promise.all(
  ids.map(async (id, n) => {
    if (engine.instance(id)) return;
    await engine.startNew({ id, name: "mixed", input: JSON.stringify({ n, round: 1 }) });
  }),
);
process.stdout.write("started\n");

const isDone = () => ids.every((id) => isEnded(engine.instance(id)?.status ?? "Running"));
while (!isDone()) await pause(10);

const rowsOfCounters = () => engine.entities({ prefix: "@counter@", limit: counters });
const total = () => rowsOfCounters().reduce((sum, { state }) => sum + Number(state), 0);
// Signals may still be on their way: until nothing is missing, and then a little longer for what would be too much.
for (let tries = 0; tries < 100 && total() < ids.length * ADDS_PER_INSTANCE; tries += 1) await pause(50);
await pause(100);
const counts = Object.fromEntries(rowsOfCounters().map(({ id, state }) => [id, Number(state)]));
const outputs = ids.map((id) => JSON.parse(engine.instance(id)?.output ?? "null") as unknown);
process.stdout.write(`${JSON.stringify({ outputs, counts })}\n`);
await engine.stop();
