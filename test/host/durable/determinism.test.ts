import * as df from "durable-functions";
import { expect, test } from "vitest";
import { EventType, type HistoryEvent } from "../../../local/host/durable/history.ts";
import { engineWith } from "./engine-under-test.ts";

type Steps = df.OrchestrationHandler;

/** Runs an orchestration to its waiting point, puts other code in its place, and goes on. */
async function changed(before: Steps, after: Steps): Promise<df.DurableOrchestrationStatus> {
  let steps = before;
  await using engine = await engineWith(() => {
    for (const name of ["one", "two", "three"]) df.app.activity(name, { handler: () => name });
    df.app.entity<number>("thing", (context) => context.df.return(1));
    df.app.orchestration("child", function* () {
      return "child";
    });
    df.app.orchestration("changing", (context) => steps(context));
  });
  const id = await engine.client.startNew("changing");
  await engine.until(() => names(engine.engine.history(id)).includes("three"));
  await engine.completed(id, names(engine.engine.history(id)).length);
  steps = after;
  await engine.restart();
  await engine.client.raiseEvent(id, "go", null);
  return await engine.ended(id);
}

/** Of the activities asked for. */
const names = (history: HistoryEvent[]) =>
  history.filter(({ EventType: type }) => type === EventType.TaskScheduled).map(({ Name }) => Name);

const thing = new df.EntityId("thing", "t");
const rest: Steps = function* (context) {
  yield context.df.callActivity("three");
  yield context.df.waitForExternalEvent("go");
  return "done";
};
const stepThen = (step: (context: df.OrchestrationContext) => df.Task | undefined): Steps =>
  function* (context) {
    const task = step(context);
    if (task) yield task;
    return yield* rest(context);
  };
const one = stepThen((context) => context.df.callActivity("one"));

const failure = (was: string, is: string) => ({
  runtimeStatus: "Failed",
  output: expect.stringContaining(`not deterministic: its ${was}, and now is ${is}.`),
});

test("goes on with code that only does more after the point reached", async () => {
  const longer: Steps = function* (context) {
    const result = yield* one(context);
    return [result, (yield context.df.callActivity("two")) as string];
  };

  expect(await changed(one, longer)).toMatchObject({ runtimeStatus: "Completed", output: ["done", "two"] });
});

test("goes on with an activity whose name is written otherwise only by case", async () => {
  const upper = stepThen((context) => context.df.callActivity("ONE"));

  expect(await changed(one, upper)).toMatchObject({ runtimeStatus: "Completed", output: "done" });
});

test("notices a step that is no longer there", async () => {
  expect(await changed(one, rest)).toMatchObject(failure("step 1 was activity one", "activity three"));
  const nothing: Steps = function* (context) {
    yield context.df.waitForExternalEvent("go");
  };
  expect(await changed(one, nothing)).toMatchObject(failure("step 1 was activity one", "not there"));
});

test("notices a step that was put before others", async () => {
  const added = stepThen((context) => context.df.callActivity("one"));

  expect(await changed(rest, added)).toMatchObject(failure("step 1 was activity three", "activity one"));
});

test("notices a step of another kind", async () => {
  const kinds: [string, Steps][] = [
    ["a timer", stepThen((context) => context.df.createTimer(context.df.currentUtcDateTime))],
    ["orchestration child", stepThen((context) => context.df.callSubOrchestrator("child"))],
    ["entity operation look", stepThen((context) => context.df.callEntity(thing, "look"))],
    ["entity operation lock", stepThen((context) => context.df.lock(thing))],
    ["an HTTP call", stepThen((context) => context.df.callHttp({ method: "GET", url: "http://127.0.0.1:1/" }))],
    ["entity operation hush", stepThen((context) => void context.df.signalEntity(thing, "hush"))],
  ];
  for (const [words, steps] of kinds) {
    expect(await changed(one, steps)).toMatchObject(failure("step 1 was activity one", words));
  }
});

test("notices another order, also of steps taken side by side", async () => {
  const sideBySide = (...names: string[]) =>
    stepThen((context) => context.df.Task.all(names.map((name) => context.df.callActivity(name))));

  expect(await changed(sideBySide("one", "two"), sideBySide("two", "one"))).toMatchObject(
    failure("step 1 was activity one", "activity two"),
  );
});
