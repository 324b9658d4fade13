/** Kinds of history events, as Durable numbers them. */
export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  GenericEvent: 17,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;

const NAMES = new Map<number, string>(Object.entries(EventType).map(([name, number]) => [number, name]));

/** The name of a kind of event, for people. */
export const eventTypeName = (type: number): string => NAMES.get(type) ?? `EventType${type}`;

/** One thing that happened to an orchestration. `EventId` is its sequence number on what it created, else -1. */
export interface HistoryEvent {
  EventId: number;
  EventType: number;
  IsPlayed: boolean;
  Timestamp: string;
  /** On an answer: the execution that asked. Once that has been continued as new, nobody waits for it. */
  TargetExecutionId?: string;
  /** On the start of an execution, in its message: events that the execution before has left unread. */
  Carried?: HistoryEvent[];
  /** On an event that a rewind has taken back, and made a generic one: its kind before. */
  Rewound?: number;
  [field: string]: unknown;
}

/** Made once and never changed, apart from `IsPlayed`, which says whether an earlier turn has seen it. */
export function historyEvent(type: number, at: Date, fields: Record<string, unknown> = {}, id = -1): HistoryEvent {
  return { EventId: id, EventType: type, IsPlayed: false, Timestamp: at.toISOString(), ...fields };
}

/** An event as it is kept and given to later turns. Which execution it was meant for is settled by then. */
export const asPlayed = (event: HistoryEvent): string =>
  JSON.stringify({ ...event, IsPlayed: true, TargetExecutionId: undefined });

/** What an orchestration created, which a replay must create again. */
export interface CreatedEvent {
  id: number;
  type: number;
  /** Of the activity, orchestration or operation; empty for timers. */
  name: string;
  /** Whether the library takes this id by itself, for retries and polling, rather than the orchestrator's code. */
  isFollowUp: boolean;
  /** What was sent, for messages to entities. */
  request?: EntityRequest;
  /** Taken back, so that it is to be created once more. */
  isRewound: boolean;
}

/** The message an entity gets, in the extension's own spelling. */
export interface EntityRequest {
  op?: string;
  signal?: boolean;
  /** JSON text. */
  input?: string;
  id: string;
  parent?: string;
  parentExecution?: string;
  lockset?: { name: string; key: string }[];
  pos?: number;
  /** Set on what ends a lock. */
  release?: boolean;
}

const CREATED = new Set<number>([
  EventType.TaskScheduled,
  EventType.SubOrchestrationInstanceCreated,
  EventType.TimerCreated,
  EventType.EventSent,
]);

/** Reads a created event back from the history, also one that was taken back; nothing for events of other kinds. */
export function toCreated(event: HistoryEvent): CreatedEvent | undefined {
  const type = event.Rewound ?? event.EventType;
  if (!CREATED.has(type)) return undefined;
  return {
    id: event.EventId,
    type,
    name: typeof event.Name === "string" ? event.Name : "",
    isFollowUp: event.FollowUp === true,
    isRewound: event.Rewound !== undefined,
    ...(type === EventType.EventSent && { request: JSON.parse(String(event.Input)) as EntityRequest }),
  };
}

/** States of an orchestration, as the wire names them, with their numbers in the history. */
export const STATUS_NUMBERS = {
  Running: 0,
  Completed: 1,
  ContinuedAsNew: 2,
  Failed: 3,
  Canceled: 4,
  Terminated: 5,
  Pending: 6,
  Suspended: 7,
} as const;
export type RuntimeStatus = keyof typeof STATUS_NUMBERS;

/** Whether nothing will happen any more. */
export const isEnded = (status: RuntimeStatus): boolean =>
  status === "Completed" || status === "Failed" || status === "Terminated" || status === "Canceled";
