import { DatabaseSync } from "node:sqlite";
import * as df from "durable-functions";
import { afterEach, beforeEach, expect, test } from "vitest";
import { engineWith } from "./engine-under-test.ts";

const rejections: unknown[] = [];
const note = (reason: unknown) => void rejections.push(reason);
beforeEach(() => void process.on("unhandledRejection", note));
afterEach(() => {
  process.off("unhandledRejection", note);
  expect(rejections.splice(0)).toEqual([]);
});

/** Two activities side by side that end when the test says so. */
function gatedApp() {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const calls = [0, 0];
  return {
    calls,
    open: (n: number) => gates[n]?.resolve(),
    register() {
      df.app.activity("gated", {
        handler: async (n: number) => {
          calls[n] = (calls[n] ?? 0) + 1;
          await gates[n]?.promise;
          return n;
        },
      });
      df.app.orchestration("both", function* (context) {
        return (yield context.df.Task.all([0, 1].map((n) => context.df.callActivity("gated", n)))) as number[];
      });
    },
  };
}

test("keeps the outcome of an activity that ends while the engine stops", async () => {
  const app = gatedApp();
  await using engine = await engineWith(app.register);
  const id = await engine.client.startNew("both");
  await engine.until(() => app.calls[1] === 1);
  const restarted = engine.restart();
  app.open(0);
  app.open(1);
  await restarted;

  expect((await engine.ended(id)).output).toEqual([0, 1]);
  expect(app.calls).toEqual([1, 1]);
});

test("closes after the grace period, and runs again what took longer", async () => {
  const app = gatedApp();
  await using engine = await engineWith(app.register);
  const id = await engine.client.startNew("both");
  await engine.until(() => app.calls[1] === 1);
  app.open(0);
  await engine.completed(id, 1);
  const before = performance.now();
  await engine.restart(50);
  expect(performance.now() - before).toBeLessThan(1_000);
  app.open(1); // ends twice: for the engine that has stopped, which must not mind, and for the new one

  expect((await engine.ended(id)).output).toEqual([0, 1]);
  expect(app.calls).toEqual([1, 2]);
});

test("writes nothing once it has stopped, and answers requests with an error", async () => {
  const app = gatedApp();
  await using engine = await engineWith(app.register);
  const id = await engine.client.startNew("both");
  await engine.until(() => app.calls[1] === 1);
  await engine.engine.stop(20);
  await engine.engine.stop(20);
  const tasks = tasksIn(engine.file);
  app.open(0);
  app.open(1);
  await new Promise((resume) => setTimeout(resume, 30));

  expect(tasks).toHaveLength(2);
  expect(tasksIn(engine.file)).toEqual(tasks);
  await expect(engine.client.raiseEvent(id, "go", 1)).rejects.toThrow("500");
  await expect(engine.client.startNew("both")).rejects.toThrow("are closed");
});

test("does not run activities again whose orchestration has ended without them", async () => {
  const app = gatedApp();
  await using engine = await engineWith(app.register);
  const id = await engine.client.startNew("both");
  await engine.until(() => app.calls[1] === 1);
  await engine.client.terminate(id, "enough");
  await engine.ended(id);
  app.open(0);
  app.open(1);
  await engine.restart();
  await new Promise((resume) => setTimeout(resume, 30));

  expect(app.calls).toEqual([1, 1]);
});

function tasksIn(file: string): unknown[] {
  const database = new DatabaseSync(file);
  const tasks = database.prepare("SELECT * FROM tasks").all();
  database.close();
  return tasks;
}
