import * as df from "durable-functions";
import { expect, test } from "vitest";
import { type EngineUnderTest, engineWith } from "./engine-under-test.ts";

const counterAt = (key: string) => new df.EntityId("Counter", key);

/** Counts, tells the count, fails, goes away, or passes a count on to another counter. */
function registerCounter(): void {
  df.app.entity<number>("Counter", (context) => {
    const count = context.df.getState(() => 0) ?? 0;
    switch (context.df.operationName) {
      case "add":
        context.df.setState(count + (context.df.getInput<number>() ?? 1));
        break;
      case "get":
        context.df.return(count);
        break;
      case "fail":
        throw Object.assign(new Error("no such luck"), { reason: "bad luck" });
      case "pass":
        context.df.signalEntity(counterAt(context.df.getInput<string>() ?? ""), "add", count);
        break;
      case "leave":
        context.df.destructOnExit();
    }
  });
}

const stateOf = async ({ client }: EngineUnderTest, key: string) => client.readEntityState<number>(counterAt(key));
const holds = (engine: EngineUnderTest, key: string, count: number) =>
  engine.until(async () => (await stateOf(engine, key)).entityState === count);

test("applies signals in the order they come and shows the state", async () => {
  await using engine = await engineWith(() => {
    df.app.entity<string>("Log", (context) => {
      context.df.setState(`${context.df.getState(() => "")}${context.df.getInput<string>()}`);
    });
  });
  const log = new df.EntityId("log", "one");
  for (const text of "abcdefgh") await engine.client.signalEntity(log, "append", text);

  await engine.until(async () => (await engine.client.readEntityState(log)).entityState === "abcdefgh");
  expect(await engine.client.readEntityState(new df.EntityId("LOG", "other"))).toEqual({ entityExists: false });
});

test("gives an operation without input none", async () => {
  const inputs: unknown[] = [];
  await using engine = await engineWith(() => {
    df.app.entity<number>("Watch", (context) => {
      inputs.push(context.df.getInput());
      context.df.return(0);
    });
    df.app.orchestration("call", function* (context) {
      yield context.df.callEntity(new df.EntityId("Watch", "w"), "look");
      yield context.df.callEntity(new df.EntityId("Watch", "w"), "look", { at: "this" });
      context.df.signalEntity(new df.EntityId("Watch", "w"), "look");
    });
  });
  await engine.ended(await engine.client.startNew("call"));
  await engine.client.signalEntity(new df.EntityId("Watch", "w"), "look");
  await engine.until(() => inputs.length === 4);

  expect(inputs).toEqual([undefined, { at: "this" }, undefined, undefined]);
});

test("answers calls with the result, and with the reason when the operation fails", async () => {
  await using engine = await engineWith(() => {
    registerCounter();
    df.app.orchestration("ask", function* (context) {
      yield context.df.callEntity(counterAt("k"), "add", 5);
      const count: number = yield context.df.callEntity(counterAt("k"), "get");
      try {
        yield context.df.callEntity(counterAt("k"), "fail");
        return "no failure";
      } catch (error) {
        return { count, failure: (error as Error).message };
      }
    });
    df.app.orchestration("astray", function* (context) {
      yield context.df.callEntity(new df.EntityId("Nobody", "k"), "get");
    });
  });
  const id = await engine.client.startNew("ask");
  expect((await engine.ended(id)).output).toEqual({
    count: 5,
    failure: 'Entity operation "fail" failed: {"reason":"bad luck"}',
  });

  const astray = await engine.ended(await engine.client.startNew("astray"));
  expect(astray.output).toContain('The app has no entity named "nobody"');
});

test("asks many entities at once, and signals some on the way", async () => {
  await using engine = await engineWith(() => {
    registerCounter();
    df.app.orchestration("many", function* (context) {
      const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
      for (const [index, key] of keys.entries()) context.df.signalEntity(counterAt(key), "add", index);
      const counts: number[] = yield context.df.Task.all(
        keys.map((key) => context.df.callEntity(counterAt(key), "get")),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    });
  });

  expect((await engine.ended(await engine.client.startNew("many"))).output).toBe(190);
});

test("runs one batch of an entity at a time, and loses nothing that comes meanwhile", async () => {
  let running = 0;
  let most = 0;
  await using engine = await engineWith(() => {
    df.app.entity<number>("Slow", async (context) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resume) => setTimeout(resume, 1));
      context.df.setState((context.df.getState(() => 0) ?? 0) + 1);
      running -= 1;
    });
  });
  const slow = new df.EntityId("Slow", "s");
  await Promise.all(Array.from({ length: 100 }, () => engine.client.signalEntity(slow, "tick")));
  await engine.until(async () => (await engine.client.readEntityState(slow)).entityState === 100);

  expect(most).toBe(1);
});

test("passes signals between entities and forgets an entity that leaves", async () => {
  await using engine = await engineWith(registerCounter);
  await engine.client.signalEntity(counterAt("a"), "add", 3);
  await engine.client.signalEntity(counterAt("a"), "pass", "b");
  await holds(engine, "b", 3);

  await engine.client.signalEntity(counterAt("a"), "leave");
  await engine.until(async () => !(await stateOf(engine, "a")).entityExists);
  await engine.client.signalEntity(counterAt("a"), "add", 1);
  await holds(engine, "a", 1);
});

test("keeps keys apart by case and by slashes", async () => {
  await using engine = await engineWith(registerCounter);
  await engine.client.signalEntity(counterAt("key"), "add", 1);
  await engine.client.signalEntity(counterAt("Key"), "add", 2);
  await engine.client.signalEntity(counterAt("key/part"), "add", 3);
  await engine.client.signalEntity(counterAt("key//part"), "add", 4);

  await holds(engine, "key", 1);
  await holds(engine, "Key", 2);
  await holds(engine, "key/part", 3);
  await holds(engine, "key//part", 4);
});

test("lists entities by the time they were last changed", async () => {
  await using engine = await engineWith(registerCounter);
  const keysSince = async (query: string) => {
    const response = await fetch(`${engine.url}/durabletask/entities/counter?${query}`);
    return ((await response.json()) as { entityId: { key: string } }[]).map(({ entityId }) => entityId.key);
  };
  await engine.client.signalEntity(counterAt("early"), "add", 1);
  await holds(engine, "early", 1);
  engine.clock.advance(60_000);
  await engine.client.signalEntity(counterAt("late"), "add", 1);
  await holds(engine, "late", 1);

  expect(await keysSince("lastOperationTimeFrom=2026-01-05T09:00:30Z")).toEqual(["late"]);
  expect(await keysSince("lastOperationTimeTo=2026-01-05T09:00:30Z")).toEqual(["early"]);
});

test("lists entities by name, page by page", async () => {
  await using engine = await engineWith(() => {
    registerCounter();
    df.app.entity<number>("Other", (context) => context.df.setState(1));
  });
  for (const key of ["a", "b ü", "c"]) await engine.client.signalEntity(counterAt(key), "add", 7);
  await engine.client.signalEntity(new df.EntityId("Other", "o"), "be");
  await engine.until(() => engine.engine.entities({ prefix: "@", limit: 10 }).length === 4);

  const first = await fetch(`${engine.url}/durabletask/entities/counter?top=2&fetchState=true`);
  expect(await first.json()).toMatchObject([
    { entityId: { name: "counter", key: "a" }, state: 7 },
    { entityId: { name: "counter", key: "b ü" }, state: 7 },
  ]);
  const token = first.headers.get("x-ms-continuation-token") ?? "";
  const second = await fetch(`${engine.url}/durabletask/entities/counter?top=2`, {
    headers: { "x-ms-continuation-token": token },
  });
  expect(await second.json()).toEqual([
    { entityId: { name: "counter", key: "c" }, lastOperationTime: expect.stringContaining("2026-01-05T09:00") },
  ]);
  expect(second.headers.get("x-ms-continuation-token")).toBe("");
});

test("lets the holder of two locks work undisturbed, and the others afterwards", async () => {
  await using engine = await engineWith(() => {
    registerCounter();
    df.app.orchestration("move", function* (context) {
      const [from, to] = [counterAt("from"), counterAt("to")];
      const lock: df.DurableLock = yield context.df.lock(to, from);
      yield context.df.callEntity(from, "add", -1);
      yield context.df.waitForExternalEvent("go");
      yield context.df.callEntity(to, "add", 1);
      const moved: number = yield context.df.callEntity(to, "get");
      lock.release();
      const after: number = yield context.df.callEntity(from, "get");
      return { moved, after, isLocked: context.df.isLocked().isLocked };
    });
  });
  const first = await engine.client.startNew("move");
  await engine.until(async () => (await stateOf(engine, "from")).entityState === -1);
  await engine.client.signalEntity(counterAt("to"), "add", 100);
  const second = await engine.client.startNew("move");
  await engine.restart();
  await engine.client.raiseEvent(first, "go", null);
  await engine.client.raiseEvent(second, "go", null);

  expect((await engine.ended(first)).output).toMatchObject({ moved: 1, isLocked: false });
  expect((await engine.ended(second)).output).toMatchObject({ moved: 102, after: -2 });
});

test("gives locks up when their holder ends, is terminated or continues as new", async () => {
  await using engine = await engineWith(() => {
    registerCounter();
    df.app.orchestration("hold", function* (context) {
      const how = context.df.getInput<string>();
      yield context.df.lock(counterAt("a"), counterAt("b"));
      if (how === "fails") throw new Error("on purpose");
      if (how === "waits") yield context.df.waitForExternalEvent("never");
      if (how === "again") context.df.continueAsNew("ends");
    });
    df.app.orchestration("leave", function* (context) {
      // Ends while its request for the lock has not even been sent.
      const lock = context.df.lock(counterAt("a"), counterAt("b"));
      yield context.df.Task.any([context.df.waitForExternalEvent("now"), lock]);
    });
  });
  const terminated = await engine.client.startNew("hold", { input: "waits" });
  await engine.until(() => engine.engine.entity("@counter@b")?.lockedBy !== undefined);
  await engine.client.terminate(terminated, "enough");
  for (const how of ["ends", "fails", "again"])
    await engine.ended(await engine.client.startNew("hold", { input: how }));
  const left = await engine.client.startNew("leave");
  await engine.client.raiseEvent(left, "now", null);
  await engine.ended(left);
  await engine.client.signalEntity(counterAt("a"), "add", 1);
  await engine.client.signalEntity(counterAt("b"), "add", 1);

  await holds(engine, "a", 1);
  await holds(engine, "b", 1);
});

test("goes on after a batch that could not be run at all", async () => {
  await using engine = await engineWith(() => {
    df.app.entity<unknown>("Odd", (context) => {
      // Such a state cannot be turned into JSON: not the operation fails, but the whole batch.
      if (context.df.operationName === "break") context.df.signalEntity({} as df.EntityId, "x", undefined);
      else context.df.setState("fine");
    });
  });
  const odd = new df.EntityId("Odd", "o");
  await engine.client.signalEntity(odd, "break");
  await engine.until(() => engine.logged.some((line) => line.includes("odd")));
  await engine.client.signalEntity(odd, "mend");

  await engine.until(async () => (await engine.client.readEntityState(odd)).entityState === "fine");
});
