import type { Changes } from "./changes.ts";
import { collectChanges } from "./changes.ts";
import type { Clock } from "./clock.ts";
import type { Database } from "./database.ts";
import { heldLocks, tellParent } from "./end-instance.ts";
import { asPlayed, EventType, type HistoryEvent, historyEvent, isEnded, toCreated } from "./history.ts";
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
 * that failed are put back too. What was under way when it failed and has since been given up is asked for again:
 * activities and timers.
 *
 * @returns `refused` when it has not failed, when no step of it has failed, or when what it did cannot be taken up again:
 * it went on after the failure, or locked entities
 */
export async function rewind(around: Surroundings, id: string, reason: string): Promise<Outcome> {
  const row = around.store.instance(id);
  if (!row) return "unknown";
  const plan = planRewind(around, row);
  if (!plan) return "refused";
  const changes = collectChanges(around.database);
  for (const step of plan) apply(around, changes, step, reason);
  await changes.commit();
  return "done";
}

interface Step {
  row: InstanceRow;
  events: HistoryEvent[];
  /** Children that have ended while nobody listened, and have to answer again. */
  endedChildren: InstanceRow[];
}

function planRewind(around: Surroundings, row: InstanceRow): Step[] | undefined {
  const { store, live } = around;
  if (row.status !== "Failed" || live.has(row.id)) return undefined;
  const events = parseHistory(store.history(row.id)).filter(({ EventType: t }) => t !== EventType.ExecutionCompleted);
  const answers = readAnswers(events);
  const firstFailure = events.findIndex(isFailure);
  if (firstFailure < 0 || events.slice(firstFailure).some(toCreated) || waitsForEntities(events)) return undefined;

  const children = events
    .filter((event) => event.EventType === EventType.SubOrchestrationInstanceCreated && !answers.isGood(event))
    .map(({ InstanceId }) => store.instance(String(InstanceId)));
  const failedChildren = children.filter((child) => child?.status === "Failed");
  const childSteps = failedChildren.map((child) => planRewind(around, child as InstanceRow));
  if (children.includes(undefined) || childSteps.includes(undefined)) return undefined;

  const endedChildren = (children as InstanceRow[]).filter(({ status }) => status !== "Failed" && isEnded(status));
  // A child stays created and answers once more; the rest is created again under its old id.
  const isTakenBack = (event: HistoryEvent) =>
    isFailure(event) || (REPEATED.has(event.EventType) && !answers.isGood(event));
  const kept = events.map((event) => (isTakenBack(event) ? takenBack(event) : event));
  return [{ row, events: kept, endedChildren }, ...(childSteps as Step[][]).flat()];
}

const isFailure = ({ EventType: type }: HistoryEvent): boolean =>
  type === EventType.TaskFailed || type === EventType.SubOrchestrationInstanceFailed;

const REPEATED = new Set<number>([EventType.TaskScheduled, EventType.TimerCreated]);

const takenBack = (event: HistoryEvent): HistoryEvent => ({
  ...event,
  EventType: EventType.GenericEvent,
  Rewound: event.EventType,
});

/** Which of the things that were created have been answered with a result. */
function readAnswers(events: readonly HistoryEvent[]) {
  const good = new Set(
    events
      .filter((event) => !isFailure(event) && event.EventType !== EventType.GenericEvent)
      .map(({ TaskScheduledId, TimerId }) => TaskScheduledId ?? TimerId),
  );
  return { isGood: ({ EventId }: HistoryEvent) => good.has(EventId) };
}

/** An answer that came after the end is lost, and a lock was given up: neither can be asked for again without harm. */
function waitsForEntities(events: readonly HistoryEvent[]): boolean {
  const created = events.flatMap((event) => toCreated(event) ?? []);
  const raised = new Set(events.filter(({ EventType: t }) => t === EventType.EventRaised).map(({ Name }) => Name));
  const asked = created.flatMap(({ request }) => (request && !request.signal && !request.release ? [request.id] : []));
  return heldLocks({ created }).length > 0 || asked.some((id) => !raised.has(id));
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
    store.deleteTasksOf(row.id);
    store.clearHistory(row.id);
    store.addHistory(row.id, 0, fragment);
  });
  post.toInstance(changes, row.id, historyEvent(EventType.GenericEvent, now, { Data: `rewound: ${reason}` }));
  for (const child of step.endedChildren) tellParent(post, changes, child, now);
}
