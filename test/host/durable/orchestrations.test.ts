import * as df from "durable-functions";
import { expect, test } from "vitest";
import { engineWith } from "./engine-under-test.ts";

const retries = (first: number, attempts: number): df.RetryOptions => new df.RetryOptions(first, attempts);

test("runs activities one after the other and returns what the orchestrator returns", async () => {
  await using engine = await engineWith(() => {
    df.app.activity("double", { handler: (n: number) => n * 2 });
    df.app.orchestration("sum", function* (context) {
      const a: number = yield context.df.callActivity("double", 1);
      const b: number = yield context.df.callActivity("double", a);
      return { a, b, input: context.df.getInput() };
    });
  });
  const id = await engine.client.startNew("sum", { input: { from: "test" } });

  expect(await engine.ended(id)).toMatchObject({
    runtimeStatus: "Completed",
    output: { a: 2, b: 4, input: { from: "test" } },
  });
});

test("runs activities side by side with all and any", async () => {
  await using engine = await engineWith(() => {
    df.app.activity("echo", { handler: (text: string) => text });
    df.app.orchestration("fan", function* (context) {
      const all: string[] = yield context.df.Task.all(["a", "b", "c"].map((t) => context.df.callActivity("echo", t)));
      const first: df.Task = yield context.df.Task.any(["x"].map((t) => context.df.callActivity("echo", t)));
      return [...all, first.result];
    });
  });
  const id = await engine.client.startNew("fan");

  expect((await engine.ended(id)).output).toEqual(["a", "b", "c", "x"]);
});

test("carries every kind of value through an activity unchanged", async () => {
  const values = ["text", "42", '"quoted"', 7, 1.5, true, false, null, { a: [1] }, [], ""];
  await using engine = await engineWith(() => {
    df.app.activity("same", { handler: (value: unknown) => value ?? null });
    df.app.orchestration("carry", function* (context) {
      const back: unknown[] = [];
      for (const value of context.df.getInput() as unknown[]) back.push(yield context.df.callActivity("same", value));
      return back;
    });
  });
  const id = await engine.client.startNew("carry", { input: values });

  expect((await engine.ended(id)).output).toEqual(values);
});

test("tries a failing activity again, with growing pauses, and then succeeds", async () => {
  let calls = 0;
  await using engine = await engineWith(() => {
    df.app.activity("flaky", {
      handler: () => {
        calls += 1;
        if (calls < 3) throw new Error("not yet");
        return calls;
      },
    });
    df.app.orchestration("patient", function* (context) {
      const options = retries(1_000, 5);
      options.backoffCoefficient = 10;
      const result: number = yield context.df.callActivityWithRetry("flaky", options, null);
      return { result, at: context.df.currentUtcDateTime.toISOString() };
    });
  });
  const id = await engine.client.startNew("patient");
  await engine.until(() => calls === 1);
  await pauseThen(engine, 1_000, () => calls === 2);
  await pauseThen(engine, 10_000, () => calls === 3);

  expect((await engine.ended(id)).output).toEqual({ result: 3, at: "2026-01-05T09:00:11.000Z" });
});

test("fails the orchestration when the last try has failed, with the reason", async () => {
  await using engine = await engineWith(() => {
    df.app.activity("broken", {
      handler: () => {
        throw new TypeError("no use");
      },
    });
    df.app.orchestration("hopeful", function* (context) {
      yield context.df.callActivityWithRetry("broken", retries(1_000, 2), null);
    });
  });
  const id = await engine.client.startNew("hopeful");
  const advancing = setInterval(() => engine.clock.advance(1_000), 10);
  const status = await engine.ended(id);
  clearInterval(advancing);

  expect(status.runtimeStatus).toBe("Failed");
  expect(status.output).toContain("Orchestrator function 'hopeful' failed: TypeError: no use");
});

test("lets an orchestrator catch the failure of one activity among several, as soon as it fails", async () => {
  const { promise: never } = Promise.withResolvers<string>();
  await using engine = await engineWith(() => {
    df.app.activity("slow", { handler: () => Promise.race([never, new Promise((r) => setTimeout(r, 200))]) });
    df.app.activity("broken", { handler: () => Promise.reject(new Error("at once")) });
    df.app.orchestration("failFast", function* (context) {
      try {
        yield context.df.Task.all([context.df.callActivity("slow"), context.df.callActivity("broken")]);
        return "both";
      } catch (error) {
        return (error as Error).message;
      }
    });
  });
  const id = await engine.client.startNew("failFast");

  expect((await engine.ended(id)).output).toBe("Error: at once");
});

test("gives an orchestrator the kind of a failure, and the properties the app adds to it", async () => {
  await using engine = await engineWith(() => {
    df.app.setExceptionPropertiesProvider({
      getExceptionProperties: (error) => (error instanceof RangeError ? { limit: 5 } : undefined),
    });
    df.app.activity("strict", {
      handler: (n: number) => {
        throw n > 5 ? new RangeError("too large") : new TypeError("too small");
      },
    });
    df.app.orchestration("ask", function* (context) {
      const failures: unknown[] = [];
      for (const n of [9, 1]) {
        try {
          yield context.df.callActivity("strict", n);
        } catch (error) {
          const { message, failureDetails } = error as df.TaskFailedError;
          failures.push([message, failureDetails.errorType, failureDetails.properties ?? null]);
        }
      }
      return failures;
    });
  });
  const { output } = await engine.ended(await engine.client.startNew("ask"));
  df.app.setExceptionPropertiesProvider({ getExceptionProperties: () => undefined });

  expect(output).toEqual([
    ["RangeError: too large", "RangeError", { limit: 5 }],
    ["TypeError: too small", "TypeError", null],
  ]);
});

test("runs no more activities at once than it may", async () => {
  let running = 0;
  let most = 0;
  await using engine = await engineWith(
    () => {
      df.app.activity("slow", {
        handler: async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resume) => setTimeout(resume, 5));
          running -= 1;
        },
      });
      df.app.orchestration("wide", function* (context) {
        yield context.df.Task.all(Array.from({ length: 12 }, () => context.df.callActivity("slow")));
      });
    },
    { maxConcurrentActivities: 3 },
  );
  await engine.ended(await engine.client.startNew("wide"));

  expect(most).toBe(3);
});

test("retries three activities beside a plain one without mixing them up", async () => {
  const failures = new Map<string, number>();
  await using engine = await engineWith(() => {
    df.app.activity("sometimes", {
      handler: ({ name, fails }: { name: string; fails: number }) => {
        const before = failures.get(name) ?? 0;
        failures.set(name, before + 1);
        if (before < fails) throw new Error(`${name} fails`);
        return name;
      },
    });
    df.app.activity("plain", { handler: () => "plain" });
    df.app.orchestration("mixed", function* (context) {
      const tasks = [1, 2, 3].map((fails) =>
        context.df.callActivityWithRetry("sometimes", retries(1_000, 5), { name: `t${fails}`, fails }),
      );
      const first: string[] = yield context.df.Task.all([...tasks, context.df.callActivity("plain")]);
      const last: string = yield context.df.callActivity("plain");
      return [...first, last];
    });
  });
  const id = await engine.client.startNew("mixed");
  const advancing = setInterval(() => engine.clock.advance(1_000), 10);
  const status = await engine.ended(id);
  clearInterval(advancing);

  expect(status.output).toEqual(["t1", "t2", "t3", "plain", "plain"]);
});

test("sleeps for ninety days in a moment, also over a restart", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("sleeper", function* (context) {
      const ninetyDays = new Date(context.df.currentUtcDateTime.getTime() + 90 * 86_400_000);
      yield context.df.createTimer(ninetyDays);
      return context.df.currentUtcDateTime.toISOString();
    });
  });
  const id = await engine.client.startNew("sleeper");
  await engine.until(async () => (await engine.client.getStatus(id)).runtimeStatus === "Running");
  await engine.restart();
  engine.clock.advance(89 * 86_400_000);
  expect((await engine.client.getStatus(id)).runtimeStatus).toBe("Running");
  engine.clock.advance(86_400_000);

  expect((await engine.ended(id)).output).toBe("2026-04-05T09:00:00.000Z");
});

test("ends when the answer comes first, whatever its timer would have done", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("ask", function* (context) {
      const answer = context.df.waitForExternalEvent("answer");
      const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 3_600_000));
      const first: df.Task = yield context.df.Task.any([answer, timeout]);
      if (first === timeout) return "expired";
      timeout.cancel();
      return answer.result;
    });
  });
  const answered = await engine.client.startNew("ask");
  await engine.client.raiseEvent(answered, "answer", { approved: true });
  expect((await engine.ended(answered)).output).toEqual({ approved: true });

  const expired = await engine.client.startNew("ask");
  await engine.until(async () => (await engine.client.getStatus(expired)).runtimeStatus === "Running");
  engine.clock.advance(3_600_000);
  expect((await engine.ended(expired)).output).toBe("expired");
});

test("keeps events that arrive before anything waits for them, in their order", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("collect", function* (context) {
      yield context.df.waitForExternalEvent("go");
      const first: string = yield context.df.waitForExternalEvent("item");
      const second: string = yield context.df.waitForExternalEvent("item");
      return [first, second];
    });
  });
  const id = await engine.client.startNew("collect");
  await engine.client.raiseEvent(id, "item", "one");
  await engine.client.raiseEvent(id, "item", "two");
  await engine.restart();
  await engine.client.raiseEvent(id, "go", undefined);

  expect((await engine.ended(id)).output).toEqual(["one", "two"]);
});

test("calls another orchestration, tells its failure, and tries it again when asked to", async () => {
  let tries = 0;
  await using engine = await engineWith(() => {
    df.app.activity("count", { handler: () => ++tries });
    df.app.orchestration("child", function* (context) {
      const count: number = yield context.df.callActivity("count");
      if (count % 2 === 1) throw new Error(`try ${count}`);
      return { count, parent: context.df.parentInstanceId };
    });
    df.app.orchestration("parent", function* (context) {
      let failure = "";
      try {
        yield context.df.callSubOrchestrator("child", null, `${context.df.instanceId}-a`);
      } catch (error) {
        failure = (error as Error).message;
      }
      yield context.df.callActivity("count");
      const child: unknown = yield context.df.callSubOrchestratorWithRetry("child", retries(1_000, 3), null);
      return { failure, child };
    });
  });
  const id = await engine.client.startNew("parent", { instanceId: "parent-1" });
  const advancing = setInterval(() => engine.clock.advance(1_000), 10);
  const status = await engine.ended(id);
  clearInterval(advancing);

  expect(status.output).toEqual({
    failure: expect.stringContaining("Orchestrator function 'child' failed: try 1"),
    child: { count: 4, parent: "parent-1" },
  });
});

test("tells a caller which ids cannot be used for what it calls", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("child", function* (context) {
      yield context.df.waitForExternalEvent("never");
    });
    df.app.orchestration("parent", function* (context) {
      const failures: string[] = [];
      for (const id of ["a/b", "@entity@key", context.df.instanceId]) {
        try {
          yield context.df.callSubOrchestrator("child", null, id);
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
      return failures;
    });
  });
  const id = await engine.client.startNew("parent", { instanceId: "parent-1" });

  expect((await engine.ended(id)).output).toEqual([
    expect.stringContaining("'a/b' cannot be used."),
    expect.stringContaining("'@entity@key' cannot be used."),
    expect.stringContaining("'parent-1' is running already."),
  ]);
});

test("waits for a called orchestration that continues as new", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("countdown", function* (context) {
      const n = context.df.getInput<number>();
      if (n === 0) return `over for ${context.df.parentInstanceId}`;
      yield context.df.createTimer(context.df.currentUtcDateTime);
      context.df.continueAsNew(n - 1);
      return undefined;
    });
    df.app.orchestration("parent", function* (context) {
      return (yield context.df.callSubOrchestrator("countdown", 5)) as string;
    });
  });
  const id = await engine.client.startNew("parent", { instanceId: "parent-1" });

  expect((await engine.ended(id)).output).toBe("over for parent-1");
});

test("fails an orchestration that asks for what cannot be written down", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("timeless", function* (context) {
      yield context.df.createTimer(new Date(Number.NaN));
    });
    df.app.activity("echo", { handler: (value: unknown) => value });
    df.app.orchestration("endless", function* (context) {
      yield context.df.callActivity("echo", { big: 1n });
    });
  });

  for (const name of ["timeless", "endless"]) {
    expect((await engine.ended(await engine.client.startNew(name))).runtimeStatus).toBe("Failed");
  }
});

test("continues as new with its input, whatever its kind, and with events nothing has waited for", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("loop", function* (context) {
      const seen = context.df.getInput() as string | undefined;
      const item: string = yield context.df.waitForExternalEvent("item");
      const so = `${seen ?? ""}${item}`;
      if (so.length === 3) return so;
      context.df.continueAsNew(so);
      return undefined;
    });
  });
  const id = await engine.client.startNew("loop");
  for (const item of ["a", "b", "c"]) await engine.client.raiseEvent(id, "item", item);

  expect((await engine.ended(id)).output).toBe("abc");
});

test("shows a custom status while it runs", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("talkative", function* (context) {
      context.df.setCustomStatus({ at: "waiting" });
      yield context.df.waitForExternalEvent("go");
      context.df.setCustomStatus("done");
    });
  });
  const id = await engine.client.startNew("talkative");
  await engine.until(async () => (await engine.client.getStatus(id)).customStatus !== null);

  expect((await engine.client.getStatus(id)).customStatus).toEqual({ at: "waiting" });
  await engine.client.raiseEvent(id, "go", null);
  expect((await engine.ended(id)).customStatus).toBe("done");
});

test("fails an orchestration that does something else than its history says, instead of hanging", async () => {
  let version = 1;
  await using engine = await engineWith(() => {
    df.app.activity("one", { handler: () => 1 });
    df.app.activity("two", { handler: () => 2 });
    df.app.orchestration("changed", function* (context) {
      yield context.df.callActivity(version === 1 ? "one" : "two");
      yield context.df.waitForExternalEvent("go");
    });
  });
  const id = await engine.client.startNew("changed");
  await engine.until(async () => (await historyNames(engine, id)).includes("TaskCompleted"));
  version = 2;
  await engine.client.raiseEvent(id, "go", null);

  const status = await engine.ended(id);
  expect(status.runtimeStatus).toBe("Failed");
  expect(status.output).toContain("its step 1 was activity one, and now is activity two");
});

test("fails an orchestration or activity the app does not have, by name", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("lost", function* (context) {
      yield context.df.callActivity("nowhere");
    });
  });
  await expect(engine.client.startNew("nothing")).rejects.toThrow(/nothing/);

  const status = await engine.ended(await engine.client.startNew("lost"));
  expect(status.output).toContain('The app has no activity named "nowhere"');
});

test("goes on after a restart with what was under way, and runs the interrupted activity again", async () => {
  let starts = 0;
  await using engine = await engineWith(() => {
    df.app.activity("once", { handler: () => ++starts });
    df.app.orchestration("durable", function* (context) {
      const before: number = yield context.df.callActivity("once");
      yield context.df.waitForExternalEvent("go");
      const after: number = yield context.df.callActivity("once");
      return [before, after];
    });
  });
  const id = await engine.client.startNew("durable");
  await engine.until(() => starts === 1);
  await engine.restart();
  await engine.client.raiseEvent(id, "go", null);

  expect((await engine.ended(id)).output).toEqual([expect.any(Number), starts]);
});

async function pauseThen(
  engine: { clock: { advance(ms: number): void }; until(holds: () => boolean): Promise<void> },
  ms: number,
  holds: () => boolean,
): Promise<void> {
  await new Promise((resume) => setTimeout(resume, 50));
  engine.clock.advance(ms);
  await engine.until(holds);
}

async function historyNames(engine: { client: df.DurableClient }, id: string): Promise<string[]> {
  const status = await engine.client.getStatus(id, { showHistory: true });
  return ((status.history ?? []) as { EventType: string }[]).map(({ EventType }) => EventType);
}
