import { type CreatedEvent, EventType, type HistoryEvent, toCreated } from "./history.ts";
import type { InstanceRow, Store } from "./store.ts";

/** Something that has come in for an orchestration and is not in its history yet. */
export interface Incoming {
  event: HistoryEvent;
  /** The row of the message, deleted in the turn that takes it in. */
  messageId?: number;
  /** The row of the activity whose outcome this is, likewise. */
  taskRowId?: number;
}

/** An orchestration that has not ended, with what its next turn needs in memory. */
export interface LiveInstance {
  row: InstanceRow;
  inbox: Incoming[];
  isBusy: boolean;
  /** Something came in since the inbox was last looked at. */
  hasNews: boolean;
  /** Messages of timers that have not fired, by the timer's id. */
  timers: Map<number, number>;
  /** Events by turn, as JSON without brackets; read from disk at the first turn after a start. */
  history: string[] | undefined;
  created: CreatedEvent[];
}

export const liveInstance = (row: InstanceRow, history?: string[]): LiveInstance => ({
  row,
  inbox: [],
  isBusy: false,
  hasNews: false,
  timers: new Map(),
  history,
  created: [],
});

/** Takes a message in. The start of an execution goes before all else, and what it carries right after it. */
export function putIntoInbox(instance: LiveInstance, incoming: Incoming): void {
  if (incoming.event.EventType !== EventType.ExecutionStarted) {
    instance.inbox.push(incoming);
    return;
  }
  const { Carried = [], ...event } = incoming.event;
  instance.inbox = [{ ...incoming, event }, ...Carried.map((carried) => ({ event: carried })), ...instance.inbox];
}

/** The history of an orchestration, from disk where it is not in memory yet. */
export function historyOf(instance: LiveInstance, store: Store): string[] {
  if (instance.history) return instance.history;
  instance.history = store.history(instance.row.id);
  instance.created = parseHistory(instance.history).flatMap((event) => toCreated(event) ?? []);
  return instance.history;
}

export const parseHistory = (turns: readonly string[]): HistoryEvent[] =>
  JSON.parse(`[${turns.join(",")}]`) as HistoryEvent[];

const CONTROL = new Set<number>([
  EventType.ExecutionTerminated,
  EventType.ExecutionSuspended,
  EventType.ExecutionResumed,
]);

/** Whether it is for the engine and not for the orchestrator's code. */
export const isControl = ({ event }: Incoming): boolean => CONTROL.has(event.EventType);
