import * as df from "durable-functions";
import { expect, test } from "vitest";
import { EventType } from "../../../local/host/durable/history.ts";
import { type EngineUnderTest, engineWith } from "./engine-under-test.ts";

/** An activity that fails until it is mended, and counts. */
function fragile() {
  const calls: string[] = [];
  let isMended = false;
  return {
    calls,
    mend: () => {
      isMended = true;
    },
    register() {
      df.app.activity("fragile", {
        handler: (name: string) => {
          calls.push(name);
          if (!isMended) throw new Error(`${name} is broken`);
          return name;
        },
      });
      df.app.activity("sound", {
        handler: (name: string) => {
          calls.push(name);
          return name;
        },
      });
    },
  };
}

const failed = async (engine: EngineUnderTest, id: string) =>
  expect(await engine.ended(id)).toMatchObject({ runtimeStatus: "Failed" });

test("tries the failed activity again and repeats nothing that went well", async () => {
  const app = fragile();
  await using engine = await engineWith(() => {
    app.register();
    df.app.orchestration("work", function* (context) {
      const before: string = yield context.df.callActivity("sound", "before");
      const middle: string = yield context.df.callActivity("fragile", "middle");
      const after: string = yield context.df.callActivity("sound", "after");
      return [before, middle, after];
    });
  });
  const id = await engine.client.startNew("work");
  await failed(engine, id);
  await engine.client.rewind(id, "still broken");
  await engine.until(() => app.calls.length === 3);
  await failed(engine, id);
  app.mend();
  await engine.restart();
  await engine.client.rewind(id, "mended");

  expect(await engine.ended(id)).toMatchObject({ runtimeStatus: "Completed", output: ["before", "middle", "after"] });
  expect(app.calls).toEqual(["before", "middle", "middle", "middle", "after"]);
});

test("rewinds a child that failed, and its parent goes on", async () => {
  const app = fragile();
  await using engine = await engineWith(() => {
    app.register();
    df.app.orchestration("child", function* (context) {
      const first: string = yield context.df.callActivity("sound", "in child");
      return [first, (yield context.df.callActivity("fragile", "child")) as string];
    });
    df.app.orchestration("parent", function* (context) {
      return (yield context.df.Task.all([
        context.df.callSubOrchestrator("child", null, "the-child"),
        context.df.callActivity("sound", "in parent"),
      ])) as unknown;
    });
  });
  const id = await engine.client.startNew("parent");
  await failed(engine, id);
  app.mend();
  await engine.client.rewind(id, "mended");

  expect((await engine.ended(id)).output).toEqual([["in child", "child"], "in parent"]);
  expect(app.calls.filter((name) => name === "in child")).toHaveLength(1);
});

test("asks again for what was under way when another step failed", async () => {
  const app = fragile();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let isChildDone = false;
  await using engine = await engineWith(() => {
    app.register();
    df.app.activity("slow", { handler: () => released.then(() => "slow") });
    df.app.orchestration("slow child", function* (context) {
      yield context.df.callActivity("slow");
      isChildDone = true;
      return "child";
    });
    df.app.orchestration("work", function* (context) {
      return (yield context.df.Task.all([
        context.df.callActivity("slow"),
        context.df.callSubOrchestrator("slow child", null, "slow-child"),
        context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000)),
        context.df.callActivity("fragile", "last"),
      ])) as unknown;
    });
  });
  const id = await engine.client.startNew("work");
  await failed(engine, id);
  release();
  await engine.until(() => isChildDone && engine.engine.instance("slow-child")?.status === "Completed");
  app.mend();
  await engine.client.rewind(id, "mended");
  await engine.until(() => app.calls.length === 2);
  engine.clock.advance(60_000);

  expect((await engine.ended(id)).output).toEqual(["slow", "child", null, "last"]);
  const taken = engine.engine.history(id).filter(({ EventType: type }) => type === EventType.GenericEvent);
  expect(taken.length).toBeGreaterThan(0);
});

test("refuses to rewind what has not failed, threw by itself, went on after the failure, or held locks", async () => {
  const app = fragile();
  await using engine = await engineWith(() => {
    app.register();
    df.app.entity<number>("thing", (context) => context.df.return(1));
    df.app.orchestration("fine", function* () {});
    df.app.orchestration("throws", function* () {
      throw new Error("by itself");
    });
    df.app.orchestration("went on", function* (context) {
      try {
        yield context.df.callActivity("fragile", "first");
      } catch {
        yield context.df.callActivity("fragile", "second");
      }
    });
    df.app.orchestration("locked", function* (context) {
      yield context.df.lock(new df.EntityId("thing", "t"));
      yield context.df.callActivity("fragile", "under lock");
    });
  });
  for (const name of ["fine", "throws", "went on", "locked"]) {
    const id = await engine.client.startNew(name);
    const before = await engine.ended(id);
    await expect(engine.client.rewind(id, "try")).rejects.toThrow("can be rewound");
    expect(await engine.client.getStatus(id)).toEqual(before);
  }
});
