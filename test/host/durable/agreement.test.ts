import * as df from "durable-functions";
import { expect, test } from "vitest";
import { EventType, toCreated } from "../../../local/host/durable/history.ts";
import { type EngineUnderTest, engineWith } from "./engine-under-test.ts";

/**
 * The library counts what an orchestrator asks for, and the engine writes down under which number it did it. Were they
 * to disagree, an orchestration would get the answer to another question, or wait for ever.
 */

const HOUR_MS = 3_600_000;
const later = (context: df.OrchestrationContext, ms: number) => new Date(context.df.currentUtcDateTime.getTime() + ms);
const retries = (attempts: number) => new df.RetryOptions(1_000, attempts);

/** All numbers the engine has given, in the order of the history. */
const idsOf = ({ engine }: EngineUnderTest, id: string): number[] =>
  engine.history(id).flatMap((event) => toCreated(event)?.id ?? []);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Lets time pass until the orchestration has ended. */
async function endedInTime(engine: EngineUnderTest, id: string): Promise<df.DurableOrchestrationStatus> {
  const passing = setInterval(() => engine.clock.advance(1_000), 5);
  try {
    return await engine.ended(id);
  } finally {
    clearInterval(passing);
  }
}

function registerActivities(): { release(): void } {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  df.app.activity("echo", { handler: (value: unknown) => value });
  df.app.activity("held", { handler: (value: unknown) => released.then(() => value) });
  df.app.activity("broken", { handler: () => Promise.reject(new Error("on purpose")) });
  return { release };
}

test("agrees when a task is waited for again, with others", async () => {
  let release = () => {};
  await using engine = await engineWith(() => {
    ({ release } = registerActivities());
    df.app.orchestration("again", function* (context) {
      const held = context.df.callActivity("held", "held");
      const event = context.df.waitForExternalEvent("go");
      const first: df.Task = yield context.df.Task.any([held, event, context.df.callActivity("echo", "first")]);
      const second: string = yield context.df.callActivity("echo", "second");
      const rest: unknown[] = yield context.df.Task.all([held, event, context.df.callActivity("echo", "third")]);
      return [first.result, second, ...rest];
    });
  });
  const id = await engine.client.startNew("again");
  await engine.completed(id, 3);
  await engine.restart(0);
  await engine.client.raiseEvent(id, "go", "event");
  release();

  expect((await engine.ended(id)).output).toEqual(["first", "second", "held", "event", "third"]);
  expect(idsOf(engine, id)).toEqual(upTo(4));
});

test("agrees about a call with retries that is waited for again while it pauses", async () => {
  await using engine = await engineWith(() => {
    registerActivities();
    df.app.orchestration("patient", function* (context) {
      const retried = context.df.callActivityWithRetry("broken", retries(3), "x");
      yield context.df.Task.any([retried, context.df.callActivity("echo", "beside")]);
      yield context.df.callActivity("echo", "between");
      try {
        yield retried;
        return "no failure";
      } catch (error) {
        return [(error as Error).message, (yield context.df.callActivity("echo", "after")) as string];
      }
    });
  });
  const id = await engine.client.startNew("patient");

  expect((await endedInTime(engine, id)).output).toEqual(["Error: on purpose", "after"]);
  // Three tries and a pause after each, the last included, and three plain activities.
  expect(idsOf(engine, id).sort((a, b) => a - b)).toEqual(upTo(9));
});

test("agrees about timers that are cancelled, in the same turn and later", async () => {
  await using engine = await engineWith(() => {
    registerActivities();
    df.app.orchestration("impatient", function* (context) {
      const early = context.df.createTimer(later(context, HOUR_MS));
      const late = context.df.createTimer(later(context, HOUR_MS));
      early.cancel();
      yield context.df.Task.any([early, late, context.df.callActivity("echo", 1)]);
      late.cancel();
      const result: string = yield context.df.callActivity("echo", "after");
      yield context.df.createTimer(later(context, 2 * HOUR_MS));
      return result;
    });
  });
  const id = await engine.client.startNew("impatient");
  await engine.completed(id, 2);
  await engine.restart();
  engine.clock.advance(2 * HOUR_MS);

  expect((await engine.ended(id)).output).toBe("after");
  expect(idsOf(engine, id)).toEqual(upTo(5));
  expect(engine.engine.history(id).filter(({ TimerId }) => TimerId !== undefined)).toMatchObject([{ TimerId: 4 }]);
});

test("agrees about signals, calls, a lock on three entities and its release", async () => {
  await using engine = await engineWith(() => {
    registerActivities();
    df.app.entity<number>("e", (context) => {
      context.df.setState((context.df.getState(() => 0) ?? 0) + 1);
      context.df.return(context.df.getState());
    });
    df.app.orchestration("busy", function* (context) {
      const [a, b, c] = ["a", "b", "c"].map((key) => new df.EntityId("e", key)) as [
        df.EntityId,
        df.EntityId,
        df.EntityId,
      ];
      context.df.signalEntity(a, "tick");
      const one: number = yield context.df.callEntity(a, "tick");
      context.df.signalEntity(b, "tick");
      for (let round = 0; round < 2; round += 1) {
        const lock: df.DurableLock = yield context.df.lock(c, b, a);
        yield context.df.Task.all([a, b, c].map((entity) => context.df.callEntity(entity, "tick")));
        lock.release();
        yield context.df.callActivity("echo", 1);
      }
      context.df.signalEntity(c, "tick");
      return [one, (yield context.df.callEntity(c, "tick")) as number];
    });
  });
  const id = await engine.client.startNew("busy");

  expect((await engine.ended(id)).output).toEqual([2, 4]);
  expect(idsOf(engine, id).sort((a, b) => a - b)).toEqual(upTo(3 + 2 * (1 + 3 + 3 + 1) + 2));
});

test("agrees after a failure that ended a wait for several, when the others end later", async () => {
  let release = () => {};
  await using engine = await engineWith(() => {
    ({ release } = registerActivities());
    df.app.orchestration("undeterred", function* (context) {
      try {
        yield context.df.Task.all([context.df.callActivity("held", 1), context.df.callActivity("broken")]);
      } catch {
        yield context.df.waitForExternalEvent("go");
      }
      return (yield context.df.callActivity("echo", "went on")) as string;
    });
  });
  const id = await engine.client.startNew("undeterred");
  await engine.until(() => engine.engine.history(id).length > 5);
  release();
  await engine.completed(id, 1);
  await engine.client.raiseEvent(id, "go", null);

  expect((await engine.ended(id)).output).toBe("went on");
  expect(idsOf(engine, id)).toEqual(upTo(3));
});

test("hands two events of one name to two waiters, each once", async () => {
  await using engine = await engineWith(() => {
    registerActivities();
    df.app.orchestration("pair", function* (context) {
      const both: string[] = yield context.df.Task.all([1, 2].map(() => context.df.waitForExternalEvent("vote")));
      return both.sort();
    });
  });
  const id = await engine.client.startNew("pair");
  await engine.status(id, "Running");
  await engine.client.raiseEvent(id, "vote", "no");
  await engine.client.raiseEvent(id, "other", "ignored");
  await engine.client.raiseEvent(id, "vote", "yes");

  expect((await engine.ended(id)).output).toEqual(["no", "yes"]);
});

test("takes in events that are raised while a turn is running and before the first turn", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("collect", function* (context) {
      const items: number[] = [];
      while (items.length < 60) items.push(yield context.df.waitForExternalEvent("item"));
      return items;
    });
  });
  const started = engine.engine.startNew({ id: "collect", name: "collect", input: "null" });
  const raised = upTo(60).map((n) => engine.engine.raiseEvent("collect", "item", String(n)));
  await Promise.all([started, ...raised]);

  expect((await engine.ended("collect")).output).toEqual(upTo(60));
});

test("loses no event when it continues as new after each of them, and keeps their order", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("one-by-one", function* (context) {
      const seen = context.df.getInput<number[]>();
      const item: number = yield context.df.waitForExternalEvent("item");
      const now = [...seen, item];
      if (now.length === 40) return now;
      context.df.continueAsNew(now);
      return undefined;
    });
  });
  const started = engine.engine.startNew({ id: "loop", name: "one-by-one", input: "[]" });
  const raised = upTo(20).map((n) => engine.engine.raiseEvent("loop", "item", String(n)));
  await Promise.all([started, ...raised]);
  for (let n = 20; n < 40; n += 1) {
    await engine.client.raiseEvent("loop", "item", n);
    if (n % 7 === 0) await engine.restart();
  }

  expect((await engine.ended("loop")).output).toEqual(upTo(40));
});

test("may be suspended between two executions, with events before and after", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("one-by-one", function* (context) {
      const seen = context.df.getInput<number[]>();
      const now = [...seen, (yield context.df.waitForExternalEvent("item")) as number];
      if (now.length === 4) return now;
      context.df.continueAsNew(now);
      return undefined;
    });
  });
  const { engine: inside } = engine;
  await Promise.all([
    inside.startNew({ id: "loop", name: "one-by-one", input: "[]" }),
    inside.raiseEvent("loop", "item", "0"),
    inside.raiseEvent("loop", "item", "1"),
    inside.suspend("loop", "pause"),
    inside.raiseEvent("loop", "item", "2"),
    inside.resume("loop", "go on"),
    inside.raiseEvent("loop", "item", "3"),
  ]);

  expect((await engine.ended("loop")).output).toEqual([0, 1, 2, 3]);
});

test("keeps events in their order over a restart, also one that came while it continued as new", async () => {
  let raiseLate = (): unknown => undefined;
  await using engine = await engineWith(() => {
    df.app.orchestration("collect", function* (context) {
      if (context.df.getInput() !== "second") {
        yield context.df.waitForExternalEvent("go");
        raiseLate();
        context.df.continueAsNew("second");
        return undefined;
      }
      const got: unknown[] = [];
      while (got.length < 3) got.push(yield context.df.waitForExternalEvent("e"));
      return got;
    });
  });
  const { client, engine: inside } = engine;
  const id = await client.startNew("collect");
  const executionId = inside.instance(id)?.executionId;
  raiseLate = () => void inside.raiseEvent(id, "e", '"late"');
  await client.suspend(id, "");
  await engine.status(id, "Suspended");
  await client.raiseEvent(id, "go", null);
  await Promise.all([
    inside.resume(id, "until it has continued as new"),
    inside.suspend(id, ""),
    inside.raiseEvent(id, "e", '"first"'),
    inside.raiseEvent(id, "e", '"second"'),
  ]);
  await engine.until(() => inside.instance(id)?.executionId !== executionId);
  await engine.status(id, "Suspended");
  await engine.restart();
  await client.resume(id, "");

  expect((await engine.ended(id)).output).toEqual(["first", "second", "late"]);
});

test("drops what the execution before has asked for, when it has continued as new", async () => {
  let release = () => {};
  await using engine = await engineWith(() => {
    ({ release } = registerActivities());
    df.app.entity<number>("slow", async (context) => {
      await new Promise((resume) => setTimeout(resume, 20));
      context.df.return(1);
    });
    df.app.orchestration("renewed", function* (context) {
      const round = context.df.getInput<string>();
      if (round === "two") {
        // Numbers 0 to 2 again: none of these may be answered by what round one has asked for.
        const timer = context.df.createTimer(later(context, 10 * HOUR_MS));
        const activity = context.df.callActivity("held", "of two");
        const first: df.Task = yield context.df.Task.any([timer, activity, context.df.waitForExternalEvent("go")]);
        return first === timer ? "old timer" : first.result;
      }
      const timer = context.df.createTimer(later(context, HOUR_MS));
      const activity = context.df.callActivity("held", "of one");
      const entity = context.df.callEntity(new df.EntityId("slow", "s"), "look");
      yield context.df.Task.any([timer, activity, entity, context.df.waitForExternalEvent("go")]);
      context.df.continueAsNew("two");
      return undefined;
    });
  });
  const started = engine.engine.startNew({ id: "renewed", name: "renewed", input: '"one"' });
  // In the first turn, so that the timer is asked for in the very turn that gives it up.
  await Promise.all([started, engine.engine.raiseEvent("renewed", "go", '"one"')]);
  await engine.until(() => engine.engine.instance("renewed")?.input === '"two"');
  await engine.status("renewed", "Running");
  await new Promise((resume) => setTimeout(resume, 60));
  engine.clock.advance(HOUR_MS);
  await new Promise((resume) => setTimeout(resume, 30));
  expect(engine.engine.instance("renewed")?.status).toBe("Running");
  release();

  expect((await engine.ended("renewed")).output).toBe("of two");
  const raised = engine.engine.history("renewed").filter(({ EventType: type }) => type === EventType.EventRaised);
  expect(raised).toEqual([]);
});

test("drops a timer that has fired and was not read before it continued as new", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("renewed", function* (context) {
      const timer = context.df.createTimer(later(context, HOUR_MS));
      const first: df.Task = yield context.df.Task.any([timer, context.df.waitForExternalEvent("go")]);
      if (first === timer) return "too early";
      if (first.result === "end") return "in time";
      context.df.continueAsNew(null);
      return undefined;
    });
  });
  const id = await engine.client.startNew("renewed");
  await engine.status(id, "Running");
  await engine.client.suspend(id, "collect");
  await engine.status(id, "Suspended");
  await engine.client.raiseEvent(id, "go", "on");
  engine.clock.advance(HOUR_MS);
  await engine.client.resume(id, "read");
  await engine.status(id, "Running");
  await engine.client.raiseEvent(id, "go", "end");

  expect((await engine.ended(id)).output).toBe("in time");
});

test("continues as new with any kind of input, a custom status and its version", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("string", function* (context) {
      const text = context.df.getInput<string>();
      if (text === '"quoted"') return [text, context.df.version];
      context.df.setCustomStatus("kept");
      context.df.continueAsNew('"quoted"');
      return undefined;
    });
    df.app.orchestration("nothing", function* (context) {
      if (context.df.getInput() === null) return "nothing";
      context.df.continueAsNew(undefined);
      return undefined;
    });
  });
  const text = await engine.client.startNew("string", { input: "first", version: "7" });
  expect(await engine.ended(text)).toMatchObject({ output: ['"quoted"', "7"], customStatus: "kept" });
  const nothing = await engine.client.startNew("nothing", { input: 1 });
  expect((await engine.ended(nothing)).output).toBe("nothing");
});

test("carries a result of several megabytes", async () => {
  await using engine = await engineWith(() => {
    df.app.activity("large", { handler: (size: number) => "ü".repeat(size) });
    df.app.orchestration("heavy", function* (context) {
      const text: string = yield context.df.callActivity("large", 3_000_000);
      const again: string = yield context.df.callActivity("large", 10);
      return [text.length, again];
    });
  });

  expect((await engine.ended(await engine.client.startNew("heavy"))).output).toEqual([3_000_000, "üüüüüüüüüü"]);
});

test("refuses a custom status that Azure would refuse", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("verbose", function* (context) {
      context.df.setCustomStatus("x".repeat(context.df.getInput<number>()));
      yield context.df.waitForExternalEvent("go");
    });
  });
  const fits = await engine.client.startNew("verbose", { input: 8_190 });
  await engine.until(() => engine.engine.instance(fits)?.customStatus !== null);
  const tooLong = await engine.ended(await engine.client.startNew("verbose", { input: 8_191 }));

  expect(tooLong).toMatchObject({
    runtimeStatus: "Failed",
    output: expect.stringContaining("its custom status has 16386 bytes of UTF-16, of at most 16384"),
  });
});

test("tells replay from news", async () => {
  const seen: boolean[] = [];
  await using engine = await engineWith(() => {
    registerActivities();
    df.app.orchestration("watch", function* (context) {
      seen.push(context.df.isReplaying);
      yield context.df.callActivity("echo", 1);
      seen.push(context.df.isReplaying);
      yield context.df.waitForExternalEvent("go");
      seen.push(context.df.isReplaying);
    });
  });
  const id = await engine.client.startNew("watch");
  await engine.completed(id, 1);
  await engine.restart();
  await engine.client.raiseEvent(id, "go", null);
  await engine.ended(id);

  expect(seen).toEqual([false, true, false, true, true, false]);
});

test("fails an orchestration that throws no error, or what cannot be written as JSON", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("text", function* () {
      throw "only text";
    });
    df.app.orchestration("bigint", function* () {
      return 1n;
    });
  });

  expect(await engine.ended(await engine.client.startNew("text"))).toMatchObject({
    runtimeStatus: "Failed",
    output: expect.stringContaining("threw an error without a message"),
  });
  expect((await engine.ended(await engine.client.startNew("bigint"))).runtimeStatus).toBe("Failed");
});
