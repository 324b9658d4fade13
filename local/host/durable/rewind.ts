import type { Changes } from "./changes.ts";
import { collectChanges } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import { asPlayed, EventType, type HistoryEvent, historyEvent, toCreated } from "./history.ts";
import { type LiveInstance, liveInstance, parseHistory } from "./live-instance.ts";
import type { Outcome } from "./management.ts";
import type { Post } from "./post.ts";
import type { InstanceRow, Store } from "./store.ts";

interface Surroundings {
  database: Database;
  store: Store;
  post: Post;
  clock: Clock;
  live: Map<string, LiveInstance>;
}

/**
 * Puts a failed orchestration back to where it was before the failures that ended it, and lets it try again; children
 * that failed are put back too.
 *
 * @returns `refused` when it has not failed, or when it went on after the failure: what it did since would not fit
 */
export async function rewind(around: Surroundings, id: string, reason: string): Promise<Outcome> {
  const row = around.store.instance(id);
  if (!row) return "unknown";
  const plan = row.status === "Failed" ? planRewind(around.store, row) : undefined;
  if (!plan) return "refused";
  const changes = collectChanges(around.database);
  for (const step of plan) apply(around, changes, step, reason);
  await changes.commit();
  return "done";
}

interface Step {
  row: InstanceRow;
  events: HistoryEvent[];
  /** Whether a failed child will answer again; if not, the orchestration has to be woken itself. */
  waitsForChild: boolean;
}

const FAILURES = new Set<number>([EventType.TaskFailed, EventType.SubOrchestrationInstanceFailed]);

function planRewind(store: Store, row: InstanceRow): Step[] | undefined {
  const events = parseHistory(store.history(row.id)).filter(
    ({ EventType: type }) => type !== EventType.ExecutionCompleted,
  );
  const firstFailure = events.findIndex(({ EventType: type }) => FAILURES.has(type));
  if (firstFailure < 0 || events.slice(firstFailure).some((event) => toCreated(event))) return undefined;

  const failures = events.filter(({ EventType: type }) => FAILURES.has(type));
  const failedIds = new Set(failures.map(({ TaskScheduledId }) => TaskScheduledId));
  const children = events.filter(
    ({ EventType: type, EventId }) => type === EventType.SubOrchestrationInstanceCreated && failedIds.has(EventId),
  );
  const childSteps = children.map(({ InstanceId }) => {
    const child = store.instance(String(InstanceId));
    return child?.status === "Failed" ? planRewind(store, child) : undefined;
  });
  if (childSteps.includes(undefined)) return undefined;

  // A child stays created and answers once more; an activity is scheduled again under its old id.
  const kept = events.filter(
    ({ EventType: type, EventId }) =>
      !FAILURES.has(type) && !(type === EventType.TaskScheduled && failedIds.has(EventId)),
  );
  const isOnlyChildren = children.length === failures.length;
  return [{ row, events: kept, waitsForChild: isOnlyChildren }, ...(childSteps.flat() as Step[])];
}

function apply({ store, post, clock, live }: Surroundings, changes: Changes, step: Step, reason: string): void {
  const now = clock.now();
  const row: InstanceRow = { ...step.row, status: "Running", output: null, updatedAt: now.getTime() };
  const fragment = step.events.map(asPlayed).join(",");
  const instance = liveInstance(row, [fragment]);
  instance.created = step.events.flatMap((event) => toCreated(event) ?? []);
  live.set(row.id, instance);
  changes.write(() => {
    store.saveInstance(row);
    store.clearHistory(row.id);
    store.addHistory(row.id, 0, fragment);
  });
  if (!step.waitsForChild) {
    post.toInstance(changes, row.id, historyEvent(EventType.GenericEvent, now, { Data: `rewound: ${reason}` }));
  }
}
