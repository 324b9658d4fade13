import type { Changes } from "./changes.ts";
import { asPlayed, EventType, historyEvent, STATUS_NUMBERS } from "./history.ts";
import type { LiveInstance } from "./live-instance.ts";
import type { Surroundings } from "./orchestrations.ts";
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
  });
  changes.after(() => {
    if (live.get(row.id) === instance) live.delete(row.id);
  });
  for (const { entityId, lockRequestId } of heldLocks(instance)) {
    post.toEntity(changes, entityId, { release: true, id: lockRequestId });
  }
  if (row.parent) tellParent(JSON.parse(row.parent) as ParentInstance);

  function tellParent({ instanceId, executionId, taskId }: ParentInstance): void {
    const about = { TaskScheduledId: taskId, TargetExecutionId: executionId };
    const event =
      status === "Completed"
        ? historyEvent(EventType.SubOrchestrationInstanceCompleted, now, { ...about, Result: output ?? "null" })
        : historyEvent(EventType.SubOrchestrationInstanceFailed, now, { ...about, ...failureOf(output) });
    post.toInstance(changes, instanceId, event);
  }
}

function failureOf(output: string | null): Record<string, unknown> {
  const reason = String(JSON.parse(output ?? '""'));
  return {
    Reason: reason,
    Details: "",
    FailureDetails: { ErrorType: "Error", ErrorMessage: reason, StackTrace: "", IsNonRetriable: false },
  };
}

/** Entities the orchestration has locked and not released. */
function heldLocks({ created }: LiveInstance): { entityId: string; lockRequestId: string }[] {
  const requests = created.flatMap(({ request }) => request ?? []);
  const released = new Set(requests.filter(({ release }) => release).map(({ id }) => id));
  return requests
    .filter(({ lockset, id }) => lockset && !released.has(id))
    .flatMap(({ lockset = [], id }) =>
      lockset.map(({ name, key }) => ({ entityId: `@${name.toLowerCase()}@${key}`, lockRequestId: id })),
    );
}
