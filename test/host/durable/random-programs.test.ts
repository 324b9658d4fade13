import * as df from "durable-functions";
import { expect, test } from "vitest";
import { toCreated } from "../../../local/host/durable/history.ts";
import { engineWith } from "./engine-under-test.ts";
import { randomOf } from "./random.ts";

/**
 * Random orchestrations, interrupted by restarts. What each of them must come to is known beforehand; and since the
 * library numbers everything it is asked for, the history must hold every number once.
 */

const SEED = Number(process.env.PROGRAM_SEED ?? 1);
const PROGRAMS = 40;
const RESTARTS = 4;

type Step =
  | { kind: "activity" | "failing" | "cancelled"; value: number }
  | { kind: "retry"; value: number; key: string; fails: number }
  | { kind: "timer"; seconds: number }
  | { kind: "signal" | "call"; key: string }
  | { kind: "all" | "race" | "child" | "lock"; steps: Step[] };

const entity = (key: string) => new df.EntityId("pong", key);

function* play(context: df.OrchestrationContext, steps: Step[]): Generator<df.Task, unknown[], never> {
  const results: unknown[] = [];
  for (const step of steps) results.push(yield* playStep(context, step));
  return results;
}

function* playStep(context: df.OrchestrationContext, step: Step): Generator<df.Task, unknown, never> {
  switch (step.kind) {
    case "signal":
      return void context.df.signalEntity(entity(step.key), "ping");
    case "failing":
      try {
        return yield context.df.callActivity("fail", step.value);
      } catch (error) {
        return (error as Error).message;
      }
    case "cancelled": {
      const timer = context.df.createTimer(later(context, 3_600));
      const activity = context.df.callActivity("echo", step.value);
      yield context.df.Task.any([timer, activity]);
      timer.cancel();
      return activity.result;
    }
    case "lock": {
      const lock = (yield context.df.lock(entity("x"), entity("y"))) as df.DurableLock;
      const results = yield* play(context, step.steps);
      lock.release();
      return results;
    }
    case "race": {
      const tasks = step.steps.map((one) => taskOf(context, one));
      for (let pending = tasks; pending.length > 0; pending = pending.filter(({ isCompleted }) => !isCompleted)) {
        yield context.df.Task.any(pending);
      }
      return tasks.map(({ result }) => result ?? null);
    }
    default:
      return yield taskOf(context, step);
  }
}

function taskOf(context: df.OrchestrationContext, step: Step): df.Task {
  switch (step.kind) {
    case "activity":
      return context.df.callActivity("echo", step.value);
    case "retry":
      return context.df.callActivityWithRetry("flaky", new df.RetryOptions(1_000, 4), step);
    case "timer":
      return context.df.createTimer(later(context, step.seconds));
    case "call":
      return context.df.callEntity(entity(step.key), "ping");
    case "child":
      return context.df.callSubOrchestrator("program", step.steps);
    case "all":
      return context.df.Task.all(step.steps.map((one) => taskOf(context, one)));
    default:
      throw new Error(`${step.kind} is no task`);
  }
}

const later = (context: df.OrchestrationContext, seconds: number) =>
  new Date(context.df.currentUtcDateTime.getTime() + seconds * 1_000);

/** What a program must come to. */
const outcomeOf = (steps: Step[]): unknown[] => steps.map(outcomeOfStep);
function outcomeOfStep(step: Step): unknown {
  if (step.kind === "failing") return `RangeError: ${step.value}`;
  if (step.kind === "call") return "pong";
  if ("steps" in step) return outcomeOf(step.steps);
  return "value" in step ? step.value : null;
}

function createPrograms(random: () => number): Step[][] {
  const upTo = (count: number) => Math.floor(random() * count);
  const pick = <T>(choices: readonly T[]): T => choices[upTo(choices.length)] as T;
  const LEAVES = ["activity", "retry", "timer"] as const;
  let retries = 0;

  function step(kinds: readonly Step["kind"][], depth: number): Step {
    const kind = pick(kinds);
    const inner = (kindsInside: readonly Step["kind"][]) =>
      Array.from({ length: 1 + upTo(3) }, () => step(kindsInside, depth + 1));
    switch (kind) {
      case "retry":
        retries += 1;
        return { kind, value: upTo(100), key: `r${retries}`, fails: upTo(4) };
      case "timer":
        return { kind, seconds: upTo(5) };
      case "signal":
      case "call":
        return { kind, key: pick(["x", "y", "z"]) };
      case "lock":
        return { kind, steps: inner(["activity", "retry", "failing"]) };
      case "child":
        return { kind, steps: inner(depth < 2 ? [...LEAVES, "all", "lock", "call"] : LEAVES) };
      case "all":
      case "race":
        return { kind, steps: inner(depth < 2 ? [...LEAVES, "all", "child", "call"] : LEAVES) };
      default:
        return { kind, value: upTo(100) };
    }
  }
  const ALL = [...LEAVES, "failing", "cancelled", "signal", "call", "all", "race", "child", "lock"] as const;
  return Array.from({ length: PROGRAMS }, () => Array.from({ length: 2 + upTo(6) }, () => step(ALL, 0)));
}

test(`plays random orchestrations as they are written, over restarts (seed ${SEED})`, async () => {
  const random = randomOf(SEED);
  const programs = createPrograms(random);
  const calls = new Map<string, number>();
  await using engine = await engineWith(() => {
    df.app.activity("echo", { handler: (value: number) => value });
    df.app.activity("fail", { handler: (value: number) => Promise.reject(new RangeError(String(value))) });
    df.app.activity("flaky", {
      handler: ({ key, fails, value }: { key: string; fails: number; value: number }) => {
        calls.set(key, (calls.get(key) ?? 0) + 1);
        if ((calls.get(key) ?? 0) <= fails) throw new Error("not yet");
        return value;
      },
    });
    df.app.entity<string>("pong", (context) => context.df.return("pong"));
    df.app.orchestration("program", (context) => play(context, context.df.getInput<Step[]>()) as never);
  });
  const ids = await Promise.all(programs.map((input) => engine.client.startNew("program", { input })));
  const passing = setInterval(() => engine.clock.advance(250), 5);
  for (let restart = 0; restart < RESTARTS; restart += 1) {
    await new Promise((resume) => setTimeout(resume, random() * 100));
    await engine.restart(0);
  }
  const outputs = await Promise.all(ids.map(async (id) => (await engine.ended(id)).output as unknown));
  clearInterval(passing);

  expect(outputs).toEqual(programs.map(outcomeOf));
  for (const id of ids) {
    const numbers = engine.engine.history(id).flatMap((event) => toCreated(event)?.id ?? []);
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index));
  }
});
