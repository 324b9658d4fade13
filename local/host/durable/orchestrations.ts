import { randomUUID } from "node:crypto";
import type { FunctionApp } from "../worker/types.ts";
import { type Changes, collectChanges } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import { endInstance } from "./end-instance.ts";
import type { Functions } from "./functions.ts";
import { EventType, type HistoryEvent, historyEvent, isEnded } from "./history.ts";
import { historyOf, type Incoming, isControl, type LiveInstance, liveInstance, putIntoInbox } from "./live-instance.ts";
import type { Post } from "./post.ts";
import { addToHistory, recordTurn } from "./record-turn.ts";
import type { InstanceRow, ParentInstance, Store, TaskRow } from "./store.ts";
import { failedTurn, runTurn, type TurnResult } from "./turn.ts";

/** What the parts that deal with orchestrations share. */
export interface Surroundings {
  app: FunctionApp;
  functions: Functions;
  database: Database;
  store: Store;
  post: Post;
  clock: Clock;
  live: Map<string, LiveInstance>;
  log(level: string, message: string): void;
}

export interface NewInstance {
  id: string;
  name: string;
  /** JSON. */
  input: string;
  version?: string | null;
  parent?: ParentInstance;
}

export type Orchestrations = ReturnType<typeof createOrchestrations>;

/**
 * Runs orchestrations: one turn at a time for each, each turn one commit. What comes in during a turn waits for the next.
 */
export function createOrchestrations(around: Surroundings) {
  const { app, functions, database, store, post, clock, live } = around;
  const turns = new Set<Promise<void>>();
  let isStopped = false;

  function pump(instance: LiveInstance): void {
    if (instance.isBusy || isStopped) return;
    instance.isBusy = true;
    const turn = work(instance)
      .catch((error: unknown) => around.log("error", `orchestration ${instance.row.id}: ${(error as Error).message}`))
      .finally(() => {
        instance.isBusy = false;
        turns.delete(turn);
        if (instance.hasNews && !isEnded(instance.row.status)) pump(instance);
      });
    turns.add(turn);
  }

  async function work(instance: LiveInstance): Promise<void> {
    do instance.hasNews = false;
    while (!isStopped && (await step(instance)) && !isEnded(instance.row.status));
  }

  /** Deals with what is next in the inbox; tells whether there was anything. */
  async function step(instance: LiveInstance): Promise<boolean> {
    const { inbox, row } = instance;
    const isNew = historyOf(instance, store).length === 0;
    const termination = inbox.find(({ event }) => event.EventType === EventType.ExecutionTerminated);
    if (termination) return terminate(instance, termination);
    if (isNew && inbox[0]?.event.EventType !== EventType.ExecutionStarted) return false; // nothing can be done yet

    const control = inbox.findIndex(isControl);
    if (row.status === "Suspended") return control < 0 ? keepForLater(instance) : applyControl(instance, control);
    if (control === 0) return applyControl(instance, 0);

    const batch = inbox.slice(0, control < 0 ? inbox.length : control);
    if (batch.length === 0) return false;
    await takeTurn(instance, batch);
    return true;
  }

  async function takeTurn(instance: LiveInstance, batch: Incoming[]): Promise<void> {
    const now = turnTime(clock.now(), batch);
    const [stale, current] = partition(batch, ({ event }) => isOfOtherExecution(event, instance.row));
    const result = await resultOf(
      instance,
      now,
      current.map(({ event }) => event),
    ).catch((error: unknown) => failedTurn((error as Error).message));
    const changes = collectChanges(database);
    recordTurn(around, changes, { instance, now, read: current.slice(0, result.readCount), stale, result, create });
    await changes.commit();
  }

  async function resultOf(instance: LiveInstance, now: Date, events: readonly HistoryEvent[]): Promise<TurnResult> {
    const { row } = instance;
    const fn = functions.orchestration(row.name);
    if (!fn) return failedTurn(`the app has no orchestration named "${row.name}"`);
    const parentInstanceId = row.parent ? (JSON.parse(row.parent) as ParentInstance).instanceId : null;
    return runTurn(app, fn, { ...row, parentInstanceId }, historyOf(instance, store), now, events);
  }

  async function terminate(instance: LiveInstance, { event }: Incoming): Promise<boolean> {
    const changes = collectChanges(database);
    const now = clock.now();
    const reason = typeof event.Input === "string" ? event.Input : "";
    addToHistory(around, changes, instance, [event]);
    endInstance(around, changes, instance, { status: "Terminated", output: JSON.stringify(reason), now });
    await changes.commit();
    return true;
  }

  /** Suspends or resumes; what came before a resumption stays in the inbox. */
  async function applyControl(instance: LiveInstance, position: number): Promise<boolean> {
    const [control] = instance.inbox.splice(position, 1);
    const status = control?.event.EventType === EventType.ExecutionSuspended ? "Suspended" : "Running";
    const isNew = historyOf(instance, store).length === 0;
    const row: InstanceRow = {
      ...instance.row,
      status: status === "Running" && isNew ? "Pending" : status,
      updatedAt: clock.now().getTime(),
    };
    const changes = collectChanges(database);
    changes.write(() => {
      store.updateInstance(row);
      if (control?.messageId !== undefined) store.deleteMessage(control.messageId);
    });
    if (control && !isNew) addToHistory(around, changes, instance, [control.event]);
    await changes.commit();
    instance.row = row;
    return true;
  }

  /** A suspended orchestration takes nothing in; outcomes of activities become messages, so that they do not run again. */
  async function keepForLater({ inbox, row }: LiveInstance): Promise<boolean> {
    const outcomes = inbox.filter(({ taskRowId }) => taskRowId !== undefined);
    if (outcomes.length === 0) return false;
    const changes = collectChanges(database);
    for (const outcome of outcomes) {
      const messageId = store.nextId();
      const { event, taskRowId } = outcome;
      changes.write(() => outcomeToMessage(messageId, row.id, taskRowId as number, event));
      changes.after(() => {
        outcome.messageId = messageId;
        delete outcome.taskRowId;
      });
    }
    await changes.commit();
    return false;
  }

  function outcomeToMessage(messageId: number, instanceId: string, taskRowId: number, event: HistoryEvent): void {
    store.deleteTask(taskRowId);
    store.addMessage(messageId, instanceId, event);
  }

  function take(instanceId: string, incoming: Incoming): boolean {
    const instance = live.get(instanceId);
    if (!instance || isEnded(instance.row.status)) return false;
    putIntoInbox(instance, incoming);
    instance.hasNews = true;
    pump(instance);
    return true;
  }

  /** Adds a new orchestration to the changes. The id must be free or that of one that has ended. */
  function create(changes: Changes, { id, name, input, version = null, parent }: NewInstance): void {
    const now = clock.now();
    const row: InstanceRow = {
      ...{ id, executionId: randomUUID().replaceAll("-", ""), name, version, status: "Pending", input },
      ...{ output: null, customStatus: null, createdAt: now.getTime(), updatedAt: now.getTime() },
      parent: parent ? JSON.stringify(parent) : null,
    };
    live.set(id, liveInstance(row, []));
    changes.write(() => {
      if (store.instance(id)) store.deleteInstance(id);
      store.saveInstance(row);
    });
    post.toInstance(changes, id, executionStarted(row, now));
  }

  return {
    /** Takes a message; one for an orchestration that has ended is dropped. */
    deliver(instanceId: string, messageId: number, event: HistoryEvent): void {
      if (!take(instanceId, { event, messageId })) database.writeSoon(() => store.deleteMessage(messageId));
    },

    /** Takes the outcome of an activity. One that comes when no more turns are taken waits on disk for the next start. */
    taskEnded(task: TaskRow, event: HistoryEvent): void {
      const instance = live.get(task.instanceId);
      const isAwaited = instance?.row.executionId === task.executionId && !isEnded(instance.row.status);
      if (!isAwaited) database.writeSoon(() => store.deleteTask(task.id));
      else if (!isStopped) take(task.instanceId, { event, taskRowId: task.id });
      else database.writeSoon(() => outcomeToMessage(store.nextId(), task.instanceId, task.id, event));
    },

    /** Starts an orchestration; `false` when one of this id has not ended. Resolves once it is on disk. */
    async start(instance: NewInstance): Promise<boolean> {
      if (live.has(instance.id)) return false;
      const changes = collectChanges(database);
      create(changes, instance);
      await changes.commit();
      return true;
    },

    /** Takes up what an earlier process has left. */
    load(): void {
      for (const row of store.unfinished()) live.set(row.id, liveInstance(row));
      for (const { id, instanceId, event } of store.messages()) {
        const { EventType: type, TimerId: timerId } = JSON.parse(event) as HistoryEvent;
        if (type === EventType.TimerFired) live.get(instanceId)?.timers.set(timerId as number, id);
      }
    },

    isBusy: () => turns.size > 0,

    /** Takes no more turns; resolves when those under way are on disk, and the outcomes nobody has taken in. */
    async drain(): Promise<void> {
      isStopped = true;
      await Promise.all(turns);
      await Promise.all([...live.values()].map(keepForLater));
    },
  };
}

/** The first event of an execution. */
export function executionStarted(row: InstanceRow, now: Date): HistoryEvent {
  const parent = row.parent ? (JSON.parse(row.parent) as ParentInstance) : undefined;
  return historyEvent(EventType.ExecutionStarted, now, {
    Name: row.name,
    Version: row.version ?? "",
    Input: row.input,
    OrchestrationInstance: { InstanceId: row.id, ExecutionId: row.executionId },
    ParentInstance: parent && {
      Name: parent.name,
      Version: "",
      TaskScheduleId: parent.taskId,
      OrchestrationInstance: { InstanceId: parent.instanceId, ExecutionId: parent.executionId },
    },
  });
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** A timer must not seem to fire before it is due, and the clock of a machine may be set back. */
function turnTime(now: Date, batch: readonly Incoming[]): Date {
  const due = batch.flatMap(({ event }) => (event.FireAt ? [Date.parse(String(event.FireAt))] : []));
  return new Date(due.reduce((latest, time) => Math.max(latest, time), now.getTime()));
}

/** An answer to an execution that has since been continued as new. */
const isOfOtherExecution = ({ TargetExecutionId: target }: HistoryEvent, row: InstanceRow): boolean =>
  target !== undefined && target !== row.executionId;
