/**
 * An engine that is sent events without end, in a process of its own that may be killed at any moment.
 *
 * node events-child.ts <file> send: notes every event that was accepted; ends only when it is killed.
 * node events-child.ts <file> collect: ends the collectors and prints what each of them got, as one line of JSON.
 */
import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import * as df from "durable-functions";
import { createEngine } from "../../../local/host/durable/engine.ts";
import { isEnded } from "../../../local/host/durable/history.ts";
import { loadApp } from "../../../local/host/worker/function-app.ts";

const [file = "", mode] = process.argv.slice(2);
const COLLECTORS = ["a", "b", "c", "d"];
const STOP = "stop";

const app = await loadApp({
  register() {
    df.app.activity("keep", { handler: (number: number) => pause(number % 4, number) });
    // Takes one to three events per execution, so that others come in while it continues as new.
    df.app.orchestration("collector", function* (context) {
      const { got, round } = context.df.getInput<{ got: number[]; round: number }>();
      for (let left = 1 + (round % 3); left > 0; left -= 1) {
        const event: number | string = yield context.df.waitForExternalEvent("number");
        if (typeof event === "string") return got;
        got.push((yield context.df.callActivity("keep", event)) as number);
      }
      context.df.continueAsNew({ got, round: round + 1 });
      return undefined;
    });
  },
});
const engine = createEngine({ app, file, log: (_, message) => process.stderr.write(`${message}\n`) });
engine.start();
for (const id of COLLECTORS) {
  if (!engine.instance(id)) await engine.startNew({ id, name: "collector", input: '{"got":[],"round":0}' });
}
if (mode === "send") {
  process.stdout.write("started\n");
  // Greater than any of the process before.
  let number = Date.now() * 1_000;
  await Promise.all(COLLECTORS.map((id) => sendTo(id, () => ++number)));
} else {
  await Promise.all(COLLECTORS.map(stop));
  const got = Object.fromEntries(COLLECTORS.map((id) => [id, JSON.parse(engine.instance(id)?.output ?? "null")]));
  process.stdout.write(`${JSON.stringify(got)}\n`);
  await engine.stop();
}

async function sendTo(id: string, next: () => number): Promise<never> {
  for (;;) {
    const number = next();
    await engine.raiseEvent(id, "number", String(number));
    appendFileSync(`${file}.accepted`, `${id} ${number}\n`);
    if (number % 7 === 0) await engine.suspend(id, "for a moment");
    if (number % 7 === 1) await engine.resume(id, "");
    await pause(number % 3);
  }
}

async function stop(id: string): Promise<void> {
  await engine.resume(id, "");
  await engine.raiseEvent(id, "number", JSON.stringify(STOP));
  while (!isEnded(engine.instance(id)?.status ?? "Running")) await pause(10);
}
