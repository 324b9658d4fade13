import type { FunctionApp, TypedData } from "../worker/types.ts";
import type { Clock } from "./clock.ts";
import { failureFields } from "./failure.ts";
import type { Functions } from "./functions.ts";
import { EventType, type HistoryEvent, historyEvent } from "./history.ts";
import { callHttp } from "./http-call.ts";
import { HTTP_TASK } from "./library.ts";
import type { TaskRow } from "./store.ts";

export interface Activities {
  /** Takes an activity to run as soon as there is room. */
  run(task: TaskRow): void;
  /** Whether one runs, or waits for room. */
  isBusy(): boolean;
  /** Starts no more; resolves when those under way have ended. */
  drain(): Promise<void>;
}

interface Surroundings {
  app: FunctionApp;
  functions: Functions;
  clock: Clock;
  maxConcurrent: number;
  /** Told the outcome; the task's row is still there, so that a crash before this runs the activity again. */
  onEnd(task: TaskRow, outcome: HistoryEvent): void;
}

/** Runs activities, so many at once, in the order they came. */
export function createActivities({ app, functions, clock, maxConcurrent, onEnd }: Surroundings): Activities {
  const waiting: TaskRow[] = [];
  const running = new Set<Promise<void>>();
  let isDraining = false;

  async function perform(task: TaskRow): Promise<void> {
    onEnd(task, await outcomeOf(task).catch((error: unknown) => failed(task, error)));
  }

  async function outcomeOf(task: TaskRow): Promise<HistoryEvent> {
    const result = task.name === HTTP_TASK ? await callHttp(task.input) : await callFunction(task);
    return outcome(task, EventType.TaskCompleted, { Result: result });
  }

  async function callFunction({ name, input, instanceId }: TaskRow): Promise<string> {
    const fn = functions.activity(name);
    if (!fn) throw new Error(`The app has no activity named "${name}".`);
    const { returnValue, error } = await app.invoke(fn, {
      triggerData: input === "null" ? {} : { json: input },
      triggerMetadata: { instanceId: { json: JSON.stringify(instanceId) } },
    });
    if (error) throw error;
    return jsonOf(returnValue);
  }

  const failed = (task: TaskRow, error: unknown): HistoryEvent =>
    outcome(task, EventType.TaskFailed, failureFields(task.name, error));

  const outcome = ({ taskId, executionId }: TaskRow, type: number, fields: Record<string, unknown>): HistoryEvent =>
    historyEvent(type, clock.now(), { TaskScheduledId: taskId, TargetExecutionId: executionId, ...fields });

  function next(): void {
    while (!isDraining && running.size < maxConcurrent) {
      const task = waiting.shift();
      if (!task) return;
      const run = perform(task).finally(() => {
        running.delete(run);
        next();
      });
      running.add(run);
    }
  }

  return {
    run(task) {
      waiting.push(task);
      next();
    },
    isBusy: () => running.size + waiting.length > 0,
    async drain() {
      isDraining = true;
      await Promise.all(running);
    },
  };
}

/** A value an activity or entity has returned, as JSON. */
export function jsonOf(value: TypedData | null | undefined): string {
  if (!value) return "null";
  if (value.json !== undefined) return value.json;
  if (value.bytes) return JSON.stringify(Buffer.from(value.bytes).toString("base64"));
  return JSON.stringify(value.string ?? value.int ?? value.double ?? null);
}
