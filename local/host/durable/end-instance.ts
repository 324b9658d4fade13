import type { Changes } from "./changes.ts";
import { childFailureFields } from "./failure.ts";
import { asPlayed, EventType, historyEvent, STATUS_NUMBERS } from "./history.ts";
import type { LiveInstance } from "./live-instance.ts";
import type { Surroundings } from "./orchestrations.ts";
import type { Post } from "./post.ts";
import type { InstanceRow, ParentInstance } from "./store.ts";

export interface Ending {
  status: "Completed" | "Failed" | "Terminated";
  /** JSON. */
  output: string | null;
  now: Date;
}

/**
 * Ends an orchestration: nothing more is taken in, its timers and locks are given up, and who waits for it is told.
 * Activities that it has started run to their end; nobody reads what they return.
 */
export function endInstance(
  { store, post, live }: Surroundings,
  changes: Changes,
  instance: LiveInstance,
  { status, output, now }: Ending,
): void {
  const row: InstanceRow = { ...instance.row, status, output, updatedAt: now.getTime() };
  instance.row = row;
  for (const messageId of instance.timers.values()) post.cancel(messageId);

  const completed = historyEvent(EventType.ExecutionCompleted, now, {
    OrchestrationStatus: STATUS_NUMBERS[status],
    Result: output,
  });
  const position = Number.MAX_SAFE_INTEGER; // always the last
  changes.write(() => {
    store.saveInstance(row);
    store.addHistory(row.id, position, asPlayed(completed));
    store.deleteMessagesOf(row.id);
    // What they returned will not be read; without this they would run again after a restart.
    for (const { taskRowId } of instance.inbox) if (taskRowId !== undefined) store.deleteTask(taskRowId);
  });
  changes.after(() => {
    if (live.get(row.id) === instance) live.delete(row.id);
  });
  releaseLocks(post, changes, instance);
  tellParent(post, changes, row, now);
}

/** Tells who waits for an orchestration how it has ended. */
export function tellParent(post: Post, changes: Changes, { parent, status, output }: InstanceRow, now: Date): void {
  if (!parent) return;
  const { instanceId, executionId, taskId } = JSON.parse(parent) as ParentInstance;
  const about = { TaskScheduledId: taskId, TargetExecutionId: executionId };
  const event =
    status === "Completed"
      ? historyEvent(EventType.SubOrchestrationInstanceCompleted, now, { ...about, Result: output ?? "null" })
      : historyEvent(EventType.SubOrchestrationInstanceFailed, now, {
          ...about,
          ...childFailureFields(String(JSON.parse(output ?? '""'))),
        });
  post.toInstance(changes, instanceId, event);
}

/** Gives up the locks that an execution has asked for and not released. */
export function releaseLocks(post: Post, changes: Changes, instance: LiveInstance): void {
  for (const { entityId, lockRequestId } of heldLocks(instance)) {
    post.toEntity(changes, entityId, { release: true, id: lockRequestId });
  }
}

export function heldLocks({ created }: Pick<LiveInstance, "created">): { entityId: string; lockRequestId: string }[] {
  const requests = created.flatMap(({ request }) => request ?? []);
  const released = new Set(requests.filter(({ release }) => release).map(({ id }) => id));
  return requests
    .filter(({ lockset, id }) => lockset && !released.has(id))
    .flatMap(({ lockset = [], id }) =>
      lockset.map(({ name, key }) => ({ entityId: `@${name.toLowerCase()}@${key}`, lockRequestId: id })),
    );
}
