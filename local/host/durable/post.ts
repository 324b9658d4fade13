import type { Changes } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { EntityRequest, HistoryEvent } from "./history.ts";
import type { Store, TaskRow } from "./store.ts";

/** A message as its receiver gets it; `id` is that of its row, which the receiver deletes when it has dealt with it. */
export interface Delivery<Content> {
  id: number;
  content: Content;
}

/** Who gets what; set by the parts of the engine when they are there. */
export interface Receivers {
  instance(instanceId: string, message: Delivery<HistoryEvent>): void;
  entity(entityId: string, message: Delivery<EntityRequest>): void;
  task(task: TaskRow): void;
}

/** Sends between orchestrations, entities and activities: first to disk, then on. */
export interface Post {
  toInstance(changes: Changes, instanceId: string, event: HistoryEvent, dueAt?: Date): number;
  toEntity(changes: Changes, entityId: string, request: EntityRequest, dueAt?: Date): void;
  task(changes: Changes, task: Omit<TaskRow, "id">): void;
  /** Takes back a message that is not due yet, from memory; its row goes with the receiver's next changes. */
  cancel(messageId: number): void;
  /** Hands on what an earlier process has left on disk. */
  resume(): void;
  /** Nothing is handed on any more. */
  stop(): void;
}

export function createPost(store: Store, clock: Clock, receivers: Receivers): Post {
  const timers = new Map<number, () => void>();
  let isStopped = false;

  function later(id: number, dueAt: Date | undefined, hand: () => void): void {
    if (isStopped) return;
    if (!dueAt || dueAt <= clock.now()) {
      hand();
      return;
    }
    const cancel = clock.setTimer(dueAt, () => {
      timers.delete(id);
      hand();
    });
    timers.set(id, cancel);
  }

  return {
    toInstance(changes, instanceId, content, dueAt) {
      const id = store.nextId();
      changes.write(() => store.addMessage(id, instanceId, content, dueAt?.getTime() ?? null));
      changes.after(() => later(id, dueAt, () => receivers.instance(instanceId, { id, content })));
      return id;
    },
    toEntity(changes, entityId, content, dueAt) {
      const id = store.nextId();
      changes.write(() => store.addEntityMessage(id, entityId, content, dueAt?.getTime() ?? null));
      changes.after(() => later(id, dueAt, () => receivers.entity(entityId, { id, content })));
    },
    task(changes, task) {
      const row = { ...task, id: store.nextId() };
      changes.write(() => store.addTask(row));
      changes.after(() => {
        if (!isStopped) receivers.task(row);
      });
    },
    cancel(messageId) {
      timers.get(messageId)?.();
      timers.delete(messageId);
    },
    resume() {
      const dateOf = (dueAt: number | null) => (dueAt === null ? undefined : new Date(dueAt));
      for (const { id, instanceId, event, dueAt } of store.messages()) {
        const content = JSON.parse(event) as HistoryEvent;
        later(id, dateOf(dueAt), () => receivers.instance(instanceId, { id, content }));
      }
      for (const { id, entityId, request, dueAt } of store.entityMessages()) {
        const content = JSON.parse(request) as EntityRequest;
        later(id, dateOf(dueAt), () => receivers.entity(entityId, { id, content }));
      }
      for (const task of store.tasks()) receivers.task(task);
    },
    stop() {
      isStopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
