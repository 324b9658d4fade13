import type { FunctionApp } from "../worker/types.ts";
import { createActivities } from "./activities.ts";
import { type Clock, realClock } from "./clock.ts";
import { openDatabase } from "./database.ts";
import { createEntities } from "./entities.ts";
import { durableFunctions } from "./functions.ts";
import type { LiveInstance } from "./live-instance.ts";
import { createManagement, type Management } from "./management.ts";
import { createOrchestrations } from "./orchestrations.ts";
import { createPost } from "./post.ts";
import { createStore } from "./store.ts";

export interface EngineOptions {
  app: FunctionApp;
  /** The SQLite file that holds all runs. One engine at a time uses it. */
  file: string;
  clock?: Clock;
  /** How many activities run at once. @default 50 */
  maxConcurrentActivities?: number;
  log?: (level: string, message: string) => void;
  /** Called when the disk refuses a write: nothing can be promised from then on, so the process should end. */
  onFailure?: (error: Error) => void;
}

/** Durable Functions on one machine. */
export interface Engine extends Management {
  /** Takes up what an earlier process has left, and goes on with it. */
  start(): void;
  /** Whether anything is under way; when not, only time or news from outside lets runs go on. */
  isBusy(): boolean;
  /**
   * Lets turns and activities under way end, at most `graceMs`, and closes the file. Activities that take longer run
   * again after the next start.
   */
  stop(graceMs?: number): Promise<void>;
}

const DEFAULT_GRACE_MS = 30_000;

/**
 * Runs the orchestrations, activities and entities of an app for the unmodified durable-functions library.
 *
 * @throws Error in one sentence when the file is damaged, in use, or of a newer version
 */
export function createEngine(options: EngineOptions): Engine {
  const { app, file, clock = realClock, maxConcurrentActivities = 50 } = options;
  const { log = () => undefined, onFailure = () => undefined } = options;
  const database = openDatabase(file, onFailure);
  const store = createStore(database);
  const functions = durableFunctions(app);
  const live = new Map<string, LiveInstance>();
  let stopping: Promise<void> | undefined;

  const post = createPost(store, clock, {
    instance: (id, { id: messageId, content }) => orchestrations.deliver(id, messageId, content),
    entity: (id, message) => entities.deliver(id, message),
    task: (task) => activities.run(task),
  });
  const around = { app, functions, database, store, post, clock, live, log };
  const orchestrations = createOrchestrations(around);
  const entities = createEntities(around);
  const activities = createActivities({
    ...around,
    maxConcurrent: maxConcurrentActivities,
    onEnd: (task, outcome) => orchestrations.taskEnded(task, outcome),
  });

  return {
    ...createManagement({ ...around, orchestrations }),
    start() {
      orchestrations.load();
      post.resume();
    },
    isBusy: () => [orchestrations, entities, activities].some((part) => part.isBusy()),
    stop(graceMs = DEFAULT_GRACE_MS) {
      stopping ??= end(graceMs);
      return stopping;
    },
  };

  async function end(graceMs: number): Promise<void> {
    post.stop();
    const work = Promise.allSettled([activities.drain(), orchestrations.drain(), entities.drain()]);
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    await Promise.race([work, patience]);
    clearTimeout(timer);
    database.close();
  }
}
