import { randomUUID } from "node:crypto";
import type { Changes } from "./changes.ts";
import { endInstance, releaseLocks } from "./end-instance.ts";
import { childFailureFields } from "./failure.ts";
import { asPlayed, EventType, type HistoryEvent, historyEvent, toCreated } from "./history.ts";
import { INSTANCE_ID_RULE, isInstanceId } from "./instance-id.ts";
import { ActionType, type Executor, encodedInput, HTTP_TASK } from "./library.ts";
import { historyOf, type Incoming, type LiveInstance, parseHistory, putIntoInbox } from "./live-instance.ts";
import { executionStarted, type NewInstance, type Surroundings } from "./orchestrations.ts";
import { isFollowUp, type Order, planTurn, toEvent } from "./plan.ts";
import type { InstanceRow } from "./store.ts";
import type { TurnResult } from "./turn.ts";

export interface Turn {
  instance: LiveInstance;
  now: Date;
  /** What the orchestrator has read in this turn. */
  read: readonly Incoming[];
  /** Answers to an earlier execution, which nobody reads. */
  stale: readonly Incoming[];
  result: TurnResult;
  create(changes: Changes, instance: NewInstance): void;
}

/** Turns the outcome of a turn into changes: history, orders, consumed messages, state. All of it is one commit. */
export function recordTurn(around: Surroundings, changes: Changes, turn: Turn): void {
  const { instance, now, read, stale, result } = turn;
  const { orders, created, failure } = planSafely(turn);

  consume(around, changes, instance, [...read, ...stale]);
  const started = historyEvent(EventType.OrchestratorStarted, now);
  addToHistory(around, changes, instance, [started, ...read.map(({ event }) => event), ...created]);
  for (const order of orders) carryOut(around, changes, turn, order);
  if (result.executor) cancelTimers(around, changes, instance, result.executor);

  const row: InstanceRow = {
    ...instance.row,
    status: "Running",
    customStatus: result.customStatus ?? instance.row.customStatus,
    updatedAt: now.getTime(),
  };
  instance.row = row;
  const restart = failure === undefined && continueAsNewInput(result);
  if (failure !== undefined) {
    const output = JSON.stringify(`Orchestrator function '${row.name}' failed: ${failure}`);
    endInstance(around, changes, instance, { status: "Failed", output, now });
  } else if (typeof restart === "string") {
    continueAsNew(around, changes, turn, restart);
  } else if (result.isDone) {
    endInstance(around, changes, instance, { status: "Completed", output: result.output, now });
  } else {
    changes.write(() => around.store.updateInstance(row));
  }
}

/** Adds what happened in one go. */
export function addToHistory(
  { store }: Surroundings,
  changes: Changes,
  instance: LiveInstance,
  events: readonly HistoryEvent[],
): void {
  const history = historyOf(instance, store);
  const position = history.length;
  const fragment = events.map(asPlayed).join(",");
  history.push(fragment);
  instance.created = instance.created.concat(events.flatMap((event) => toCreated(event) ?? []));
  changes.write(() => store.addHistory(instance.row.id, position, fragment));
}

interface Plan {
  orders: Order[];
  created: HistoryEvent[];
  failure: string | undefined;
}

/**
 * The orders of a turn. None, when the library failed, when the code did not do again what it did before, or when it
 * asked for what cannot be written down, such as a timer without a date.
 */
function planSafely({ instance, now, result }: Turn): Plan {
  const { executor, failure } = result;
  if (!executor) return { orders: [], created: [], failure: failure ?? "the library gave no answer" };
  const { id: instanceId, executionId } = instance.row;
  try {
    const orders = planTurn(executor, { instanceId, executionId, now, created: instance.created });
    const created = orders.map((order) => toEvent(order, now, isFollowUp(executor, order.id)));
    return { orders, created, failure };
  } catch (error) {
    return { orders: [], created: [], failure: (error as Error).message };
  }
}

function consume({ store }: Surroundings, changes: Changes, instance: LiveInstance, batch: readonly Incoming[]): void {
  changes.write(() => {
    for (const { messageId, taskRowId } of batch) {
      if (messageId !== undefined) store.deleteMessage(messageId);
      if (taskRowId !== undefined) store.deleteTask(taskRowId);
    }
  });
  const taken = new Set(batch);
  instance.inbox = instance.inbox.filter((incoming) => !taken.has(incoming));
  for (const { event } of batch)
    if (event.EventType === EventType.TimerFired) instance.timers.delete(event.TimerId as number);
}

function carryOut(around: Surroundings, changes: Changes, turn: Turn, order: Order): void {
  const { instance, now, result, create } = turn;
  const { id: instanceId, executionId, name } = instance.row;
  const task = { instanceId, executionId, taskId: order.id };
  switch (order.kind) {
    case "activity":
      around.post.task(changes, { ...task, name: order.name, input: order.input });
      return;
    case "http":
      around.post.task(changes, { ...task, name: HTTP_TASK, input: JSON.stringify(order.request) });
      return;
    case "timer": {
      if (order.isCanceled || result.isDone) return;
      const fired = historyEvent(EventType.TimerFired, order.fireAt, {
        TimerId: order.id,
        FireAt: order.fireAt.toISOString(),
        TargetExecutionId: executionId,
      });
      instance.timers.set(order.id, around.post.toInstance(changes, instanceId, fired, order.fireAt));
      return;
    }
    case "entity":
      around.post.toEntity(changes, order.entityId, order.request);
      return;
    case "orchestration": {
      const reason = whyNot(around, order.instanceId);
      if (reason === undefined) {
        const parent = { instanceId, executionId, name, taskId: order.id };
        create(changes, { ...order, id: order.instanceId, parent });
        return;
      }
      const about = { TaskScheduledId: order.id, TargetExecutionId: executionId };
      const fields = { ...about, ...childFailureFields(reason) };
      around.post.toInstance(changes, instanceId, historyEvent(EventType.SubOrchestrationInstanceFailed, now, fields));
    }
  }
}

/** Why an orchestration cannot be started under this id, if it cannot. */
function whyNot({ live }: Surroundings, instanceId: string): string | undefined {
  if (live.has(instanceId)) return `Orchestration instance '${instanceId}' is running already.`;
  return isInstanceId(instanceId) ? undefined : `'${instanceId}' cannot be used. ${INSTANCE_ID_RULE}`;
}

/** A timer the orchestrator has cancelled must neither fire nor hold anything open. */
function cancelTimers(around: Surroundings, changes: Changes, instance: LiveInstance, executor: Executor): void {
  for (const [timerId, messageId] of instance.timers) {
    const action = executor.openTasks[timerId]?.actionObj;
    if (action === undefined || action === "noOp" || !action.isCanceled) continue;
    changes.write(() => around.store.deleteMessage(messageId));
    around.post.cancel(messageId);
    instance.timers.delete(timerId);
  }
}

/** The new input as JSON, if the orchestrator has asked to start over. */
function continueAsNewInput({ executor }: TurnResult): string | undefined {
  const last = executor?.actions.at(-1);
  return last?.actionType === ActionType.ContinueAsNew ? encodedInput(last.input) : undefined;
}

/**
 * Starts the next execution with an empty history. Events that nothing has waited for go along with its start, before
 * the messages that have not been read yet, which stay as they are; answers to this execution do not.
 */
function continueAsNew({ store, post, ...around }: Surroundings, changes: Changes, turn: Turn, input: string): void {
  const { instance, now, result } = turn;
  const events = parseHistory(instance.history ?? []);
  for (const messageId of instance.timers.values()) {
    post.cancel(messageId);
    changes.write(() => store.deleteMessage(messageId));
  }
  releaseLocks(post, changes, instance);

  const row: InstanceRow = { ...instance.row, executionId: randomUUID().replaceAll("-", ""), input };
  changes.write(() => {
    store.clearHistory(row.id);
    store.saveInstance(row);
  });
  const answers = instance.inbox.filter(({ event }) => event.TargetExecutionId !== undefined);
  consume({ store, post, ...around }, changes, instance, answers);
  // Carried once already, and not read again: these have no row of their own.
  const carriedBefore = instance.inbox.filter(({ messageId }) => messageId === undefined).map(({ event }) => event);
  const inbox = instance.inbox.filter(({ messageId }) => messageId !== undefined);
  // At once: outcomes of the old execution that come in from now on are recognised by it.
  Object.assign(instance, { row, inbox, history: [], created: [], timers: new Map() });

  const Carried = [...unconsumedEvents(events, result.executor as Executor), ...carriedBefore];
  const event = { ...executionStarted(row, now), ...(Carried.length > 0 && { Carried }) };
  const messageId = store.nextId();
  changes.write(() => store.addMessage(messageId, row.id, event));
  changes.after(() => putIntoInbox(instance, { event, messageId }));
}

/** For each name the library has counted as many events as nothing waited for; they are the last ones of that name. */
function unconsumedEvents(events: readonly HistoryEvent[], executor: Executor): HistoryEvent[] {
  const raised = events.filter(({ EventType: type }) => type === EventType.EventRaised);
  return Object.entries(executor.deferredTasks).flatMap(([name, waiting]) =>
    raised
      .filter(({ Name }) => Name === name)
      .slice(-waiting.length)
      .map((event) => ({ ...event, IsPlayed: false })),
  );
}
