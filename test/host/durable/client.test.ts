import { HttpRequest, type HttpResponse } from "@azure/functions";
import * as df from "durable-functions";
import { expect, test } from "vitest";
import { type EngineUnderTest, engineWith } from "./engine-under-test.ts";

const HOUR_MS = 3_600_000;
const unknownId = "nobody";

/** Echoes its input after an event; and an activity that ends when the test says so. */
function registerEcho(): void {
  df.app.orchestration("echo", function* (context) {
    return context.df.getInput() ?? null;
  });
  df.app.orchestration("wait", function* (context) {
    const answer: unknown = yield context.df.waitForExternalEvent("go");
    return answer ?? "nothing";
  });
  df.app.orchestration("fail", function* () {
    throw new Error("on purpose");
  });
}

async function waiting(engine: EngineUnderTest, instanceId?: string): Promise<string> {
  const id = await engine.client.startNew("wait", instanceId === undefined ? {} : { instanceId });
  await engine.status(id, "Running");
  return id;
}

test("starts under a given id, refuses it while it runs, and gives it free at the end", async () => {
  await using engine = await engineWith(registerEcho);
  expect(await waiting(engine, "my id ü")).toBe("my id ü");
  await expect(engine.client.startNew("echo", { instanceId: "my id ü" })).rejects.toThrow("409");
  await engine.client.suspend("my id ü", "pause");
  await engine.status("my id ü", "Suspended");
  await expect(engine.client.startNew("echo", { instanceId: "my id ü" })).rejects.toThrow("409");
  await engine.client.terminate("my id ü", "over");
  await engine.ended("my id ü");

  await engine.client.startNew("echo", { instanceId: "my id ü", input: "second" });
  expect(await engine.ended("my id ü")).toMatchObject({ name: "echo", output: "second", runtimeStatus: "Completed" });
});

test("lets only one of several starts of one id through", async () => {
  await using engine = await engineWith(registerEcho);
  const starts = await Promise.allSettled(
    Array.from({ length: 10 }, () => engine.client.startNew("wait", { instanceId: "one" })),
  );

  expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("refuses ids and functions it cannot use", async () => {
  await using engine = await engineWith(registerEcho);
  await expect(engine.client.startNew("echo", { instanceId: "@mine" })).rejects.toThrow("400");
  await expect(engine.client.startNew("echo", { instanceId: "a/b" })).rejects.toThrow("400");
  await expect(engine.client.startNew("echo", { instanceId: "x".repeat(257) })).rejects.toThrow("400");
  await expect(engine.client.startNew("nothing")).rejects.toThrow("The function 'nothing' doesn't exist.");
});

test("hands the version of a start to the orchestrator", async () => {
  await using engine = await engineWith(() => {
    df.app.orchestration("versioned", function* (context) {
      return context.df.version;
    });
  });
  const id = await engine.client.startNew("versioned", { version: "2.1" });

  expect((await engine.ended(id)).output).toBe("2.1");
});

test("shows the history with and without inputs and results", async () => {
  await using engine = await engineWith(() => {
    df.app.activity("double", { handler: (n: number) => n * 2 });
    df.app.orchestration("sum", function* (context) {
      return (yield context.df.callActivity("double", 21)) as number;
    });
  });
  const id = await engine.client.startNew("sum", { input: { secret: 1 } });
  await engine.ended(id);

  const plain = await engine.client.getStatus(id);
  expect(plain).toMatchObject({ instanceId: id, input: { secret: 1 }, output: 42, customStatus: null });
  expect(plain.history).toBeUndefined();

  const { history } = await engine.client.getStatus(id, { showHistory: true, showHistoryOutput: true });
  expect(history).toMatchObject([
    { EventType: "ExecutionStarted", FunctionName: "sum" },
    { EventType: "TaskCompleted", FunctionName: "double", Result: 42 },
    { EventType: "ExecutionCompleted", OrchestrationStatus: "Completed", Result: 42 },
  ]);
  const withoutResults = await engine.client.getStatus(id, { showHistory: true });
  expect(JSON.stringify(withoutResults.history)).not.toContain('"Result"');

  const response = await fetch(`${engine.url}/durabletask/instances/${id}?showInput=false&showHistory=true`);
  expect(await response.text()).not.toContain("secret");
  await expect(engine.client.getStatus(unknownId)).rejects.toThrow("404");
});

test("lists all orchestrations over several pages, and by time and status", async () => {
  await using engine = await engineWith(registerEcho);
  for (let index = 0; index < 250; index += 1) {
    if (index % 50 === 0) engine.clock.advance(HOUR_MS);
    await engine.client.startNew("echo", { instanceId: `run-${index}`, input: index });
  }
  const failed = await engine.client.startNew("fail");
  await engine.ended(failed);
  for (let index = 0; index < 250; index += 50) await engine.ended(`run-${index}`);

  const all = await engine.client.getStatusAll();
  expect(all).toHaveLength(251);
  expect(new Set(all.map(({ instanceId }) => instanceId)).size).toBe(251);

  const at = (hours: number) => new Date(Date.parse("2026-01-05T09:00:00Z") + hours * HOUR_MS);
  const two = await engine.client.getStatusBy({ createdTimeFrom: at(2), createdTimeTo: at(3), runtimeStatus: [] });
  expect(two).toHaveLength(100);
  const failures = await engine.client.getStatusBy({ runtimeStatus: [df.OrchestrationRuntimeStatus.Failed] });
  expect(failures.map(({ instanceId }) => instanceId)).toEqual([failed]);

  const byPrefix = await fetch(`${engine.url}/durabletask/instances?instanceIdPrefix=run-24&top=5`);
  const found = (await byPrefix.json()) as { instanceId: string }[];
  expect(found.map(({ instanceId }) => instanceId)).toEqual(["run-24", "run-240", "run-241", "run-242", "run-243"]);
});

test("forgets what has ended, one by one and by filter, and nothing that runs", async () => {
  await using engine = await engineWith(registerEcho);
  const running = await waiting(engine);
  const done = await engine.client.startNew("echo");
  await engine.ended(done);
  const failed = await engine.client.startNew("fail");
  await engine.ended(failed);

  expect(await engine.client.purgeInstanceHistory(running)).toEqual({ instancesDeleted: 0 });
  expect(await engine.client.purgeInstanceHistory(done)).toEqual({ instancesDeleted: 1 });
  expect(await engine.client.purgeInstanceHistory(done)).toEqual({ instancesDeleted: 0 });
  await expect(engine.client.getStatus(done)).rejects.toThrow("404");

  const createdTimeFrom = new Date("2026-01-01");
  const completed = [df.OrchestrationRuntimeStatus.Completed];
  expect(await engine.client.purgeInstanceHistoryBy({ createdTimeFrom, runtimeStatus: completed })).toEqual({
    instancesDeleted: 0,
  });
  expect(await engine.client.purgeInstanceHistoryBy({ createdTimeFrom })).toEqual({ instancesDeleted: 1 });
  expect((await engine.client.getStatusAll()).map(({ instanceId }) => instanceId)).toEqual([running]);
});

test("never takes one orchestration for another because of a slash in what is asked for", async () => {
  await using engine = await engineWith(registerEcho);
  await engine.client.startNew("echo", { instanceId: "tenant" });
  await engine.ended("tenant");
  const running = await waiting(engine);

  expect(await engine.client.purgeInstanceHistory("tenant/run")).toEqual({ instancesDeleted: 0 });
  await expect(engine.client.getStatus("tenant/run")).rejects.toThrow("404");
  await expect(engine.client.raiseEvent(running, "go/now", 1)).rejects.toThrow(running);
  expect((await engine.client.getStatus("tenant")).runtimeStatus).toBe("Completed");
  expect((await engine.client.getStatus(running)).runtimeStatus).toBe("Running");
});

test("forgets hundreds of orchestrations page by page, whatever lies between them", async () => {
  await using engine = await engineWith(registerEcho);
  const start = (name: string, id: string) => engine.engine.startNew({ id, name, input: "null" });
  const ids = Array.from({ length: 450 }, (_, index) => `run-${index}`);
  await Promise.all(ids.map((id, index) => start(index % 9 === 0 ? "wait" : "echo", id)));
  await engine.until(() => engine.engine.instances({ statuses: ["Completed"], limit: 450 }).length === 400);

  const createdTimeFrom = new Date(0);
  expect(await engine.client.purgeInstanceHistoryBy({ createdTimeFrom })).toEqual({ instancesDeleted: 400 });
  expect(engine.engine.instances({ limit: 450 })).toHaveLength(50);
});

test("does not forget an orchestration that is just being started again", async () => {
  await using engine = await engineWith(registerEcho);
  await engine.client.startNew("echo", { instanceId: "again" });
  await engine.ended("again");
  const started = engine.engine.startNew({ id: "again", name: "wait", input: "null" });
  const purged = engine.engine.purge(["again"]);

  expect(await started).toBe("started");
  expect(await purged).toBe(0);
  expect(engine.engine.instance("again")?.name).toBe("wait");
});

test("takes events, terminations and the rest for what has ended without harm, and refuses the unknown", async () => {
  await using engine = await engineWith(registerEcho);
  const { client } = engine;
  const done = await client.startNew("echo");
  const { lastUpdatedTime } = await engine.ended(done);

  engine.clock.advance(1_000);
  await client.raiseEvent(done, "go", 1);
  await client.terminate(done, "late");
  await client.suspend(done, "late");
  await client.resume(done, "late");
  expect(await client.getStatus(done)).toMatchObject({ runtimeStatus: "Completed", lastUpdatedTime });

  await expect(client.raiseEvent(unknownId, "go", 1)).rejects.toThrow("No instance");
  await expect(client.terminate(unknownId, "late")).rejects.toThrow("No instance");
  await expect(client.suspend(unknownId, "late")).rejects.toThrow("No instance");
  await expect(client.resume(unknownId, "late")).rejects.toThrow("No instance");
  await expect(client.rewind(unknownId, "late")).rejects.toThrow("no instance");
  const noName = await fetch(`${engine.url}/durabletask/instances/${done}/raiseEvent`, { method: "POST" });
  expect(noName.status).toBe(400);
  const number = await fetch(`${engine.url}/durabletask/instances/${done}/raiseEvent/0`, { method: "POST" });
  expect(number.status).toBe(400);
  const noJson = await fetch(`${engine.url}/durabletask/instances/${done}/raiseEvent/go`, {
    method: "POST",
    body: "{",
  });
  expect(noJson.status).toBe(400);
});

test("terminates at once, running or suspended, and tells the reason", async () => {
  await using engine = await engineWith(registerEcho);
  const running = await waiting(engine);
  const suspended = await waiting(engine);
  await engine.client.suspend(suspended, "pause");
  await engine.status(suspended, "Suspended");
  await engine.client.terminate(running, "no longer needed");
  await engine.client.terminate(suspended, "neither");

  expect(await engine.ended(running)).toMatchObject({ runtimeStatus: "Terminated", output: "no longer needed" });
  expect(await engine.ended(suspended)).toMatchObject({ runtimeStatus: "Terminated", output: "neither" });
  const { history } = await engine.client.getStatus(suspended, { showHistory: true });
  expect(history).toMatchObject([
    { EventType: "ExecutionStarted" },
    { EventType: "ExecutionSuspended", Reason: "pause" },
    { EventType: "ExecutionTerminated" },
    { EventType: "ExecutionCompleted", OrchestrationStatus: "Terminated" },
  ]);
});

test("tells a caller that the orchestration it waits for was terminated", async () => {
  await using engine = await engineWith(() => {
    registerEcho();
    df.app.orchestration("parent", function* (context) {
      try {
        yield context.df.callSubOrchestrator("wait", null, "child");
        return "went well";
      } catch (error) {
        return (error as Error).message;
      }
    });
  });
  const id = await engine.client.startNew("parent");
  await engine.status("child", "Running");
  await engine.client.terminate("child", "not you");

  expect((await engine.ended(id)).output).toBe("Error: not you");
});

test("does nothing while suspended, and afterwards takes in everything that came, over a restart", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let calls = 0;
  await using engine = await engineWith(() => {
    df.app.activity("slow", {
      handler: async () => {
        calls += 1;
        await released;
        return "slow";
      },
    });
    df.app.orchestration("pausable", function* (context) {
      const results: unknown[] = yield context.df.Task.all([
        context.df.callActivity("slow"),
        context.df.waitForExternalEvent("go"),
        context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + HOUR_MS)),
      ]);
      return results[0] === "slow" ? results[1] : "mixed up";
    });
  });
  const id = await engine.client.startNew("pausable");
  await engine.until(() => calls === 1);
  await engine.client.suspend(id, "pause");
  await engine.client.suspend(id, "twice");
  await engine.status(id, "Suspended");
  release();
  engine.clock.advance(HOUR_MS);
  await engine.client.raiseEvent(id, "go", "went");
  await new Promise((resume) => setTimeout(resume, 50));
  await engine.restart();
  expect(await engine.client.getStatus(id)).toMatchObject({ runtimeStatus: "Suspended", output: null });

  await engine.client.resume(id, "go on");
  await engine.client.resume(id, "twice");
  expect((await engine.ended(id)).output).toBe("went");
  expect(calls).toBe(1);
});

test("suspends before the first turn, and holds nothing back afterwards", async () => {
  await using engine = await engineWith(registerEcho);
  const started = engine.engine.startNew({ id: "early", name: "wait", input: "null" });
  const suspended = engine.engine.suspend("early", "at once");
  expect([await started, await suspended]).toEqual(["started", "done"]);
  await engine.client.raiseEvent("early", "go", "went");
  await engine.client.resume("early", "go on");

  expect((await engine.ended("early")).output).toBe("went");
});

test("starts an ended orchestration again, under a new id or its own", async () => {
  await using engine = await engineWith(registerEcho);
  await engine.client.startNew("echo", { instanceId: "first", input: { a: 1 } });
  await engine.ended("first");
  const restart = (id: string, query = "") =>
    fetch(`${engine.url}/durabletask/instances/${id}/restart${query}`, { method: "POST" });

  const renewed = (await (await restart("first")).json()) as { id: string };
  expect(renewed.id).not.toBe("first");
  expect((await engine.ended(renewed.id)).output).toEqual({ a: 1 });
  engine.clock.advance(1_000);
  expect((await restart("first", "?restartWithNewInstanceId=false")).status).toBe(202);
  expect((await engine.ended("first")).createdTime).toEqual(new Date("2026-01-05T09:00:01Z"));

  await waiting(engine, "busy");
  expect((await restart("busy", "?restartWithNewInstanceId=false")).status).toBe(409);
  expect((await restart(unknownId)).status).toBe(400);
});

test("waits for the end, or says where to ask", async () => {
  await using engine = await engineWith(registerEcho);
  const request = new HttpRequest({ method: "GET", url: "https://playbooks.example/api/start" });
  const wait = async (id: string, timeoutInMilliseconds: number) => {
    const options = { timeoutInMilliseconds, retryIntervalInMilliseconds: 20 };
    return (await engine.client.waitForCompletionOrCreateCheckStatusResponse(request, id, options)) as HttpResponse;
  };
  const done = await wait(await engine.client.startNew("echo", { input: "now" }), 2_000);
  expect([done.status, await done.json()]).toEqual([200, "now"]);
  const failed = await wait(await engine.client.startNew("fail"), 2_000);
  expect(failed.status).toBe(500);

  const id = await waiting(engine);
  const pending = await wait(id, 40);
  expect(pending.status).toBe(202);
  expect(pending.headers.get("location")).toMatch(
    new RegExp(`^https://playbooks.example/runtime/webhooks/durabletask/instances/${id}\\?.*code=test%2Fkey%3D%3D`),
  );
});

test("waits on request of whoever starts over HTTP", async () => {
  await using engine = await engineWith(registerEcho);
  const start = (name: string) =>
    fetch(`${engine.url}/durabletask/orchestrators/${name}?timeout=0.5&pollingInterval=0.02`, {
      method: "POST",
      body: JSON.stringify({ n: 1 }),
    });
  const echoed = await start("echo");
  expect([echoed.status, await echoed.json()]).toEqual([200, { n: 1 }]);
  const failed = await start("fail");
  expect([failed.status, await failed.json()]).toMatchObject([500, { runtimeStatus: "Failed" }]);
  expect((await start("wait")).status).toBe(202);
  const { instanceId } = (await (await start("fail")).json()) as { instanceId: string };
  const status = (query: string) => fetch(`${engine.url}/durabletask/instances/${instanceId}${query}`);
  expect((await status("")).status).toBe(200);
  expect((await status("?returnInternalServerErrorOnFailure=true")).status).toBe(500);
});

test("gives addresses that work from outside, with the key and only with it", async () => {
  await using engine = await engineWith(registerEcho);
  const id = await waiting(engine);
  const urls = engine.client.createHttpManagementPayload(id);
  const response = engine.client.createCheckStatusResponse(undefined, id) as HttpResponse;
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual(urls);
  expect(response.headers.get("retry-after")).toBe("10");

  const keyless = new URL(urls.statusQueryGetUri);
  keyless.searchParams.delete("code");
  const wrong = new URL(urls.statusQueryGetUri);
  wrong.searchParams.set("code", "guess");
  expect((await fetch(keyless)).status).toBe(401);
  expect((await fetch(wrong)).status).toBe(401);
  expect((await fetch(keyless, { headers: { "x-functions-key": "test/key==" } })).status).toBe(202);
  expect((await fetch(urls.statusQueryGetUri)).status).toBe(202);

  const sent = await fetch(urls.sendEventPostUri.replace("{eventName}", "go"), {
    method: "POST",
    body: '"from outside"',
  });
  expect(sent.status).toBe(202);
  expect((await engine.ended(id)).output).toBe("from outside");
  expect((await fetch(urls.statusQueryGetUri)).status).toBe(200);
  expect((await fetch(urls.purgeHistoryDeleteUri, { method: "DELETE" })).status).toBe(200);
});

test("does not let a page in a browser start anything", async () => {
  await using engine = await engineWith(registerEcho);
  const response = await fetch(`${engine.url}/durabletask/orchestrators/echo`, {
    method: "POST",
    headers: { origin: "https://elsewhere.example" },
  });

  expect(response.status).toBe(401);
  expect(await engine.client.getStatusAll()).toEqual([]);
});

test("serves clients also where the platform has not set the name of the host", async () => {
  await using engine = await engineWith(registerEcho, { hostName: "unset" });
  const id = await engine.client.startNew("echo", { input: "still" });

  expect((await engine.ended(id)).output).toBe("still");
  // The library then writes the port of its own tools into what it gives away.
  expect(engine.client.createHttpManagementPayload(id).statusQueryGetUri).toContain("http://localhost:7071/");
});
