import { EventType, eventTypeName, type HistoryEvent, isEnded, STATUS_NUMBERS } from "./history.ts";
import type { InstanceRow } from "./store.ts";

export interface StatusOptions {
  showInput: boolean;
  showHistory?: boolean;
  showHistoryOutput?: boolean;
}

/** An orchestration as the HTTP API shows it. The client wants input and output present, null or not. */
export function statusView(
  row: InstanceRow,
  { showInput, showHistory = false, showHistoryOutput = false }: StatusOptions,
  history: () => HistoryEvent[],
): Record<string, unknown> {
  const view = {
    name: row.name,
    instanceId: row.id,
    runtimeStatus: row.status,
    input: showInput ? parsed(row.input) : null,
    customStatus: parsed(row.customStatus),
    output: parsed(row.output),
    createdTime: new Date(row.createdAt).toISOString(),
    lastUpdatedTime: new Date(row.updatedAt).toISOString(),
  };
  if (!showHistory || row.status === "Pending") return view;
  const events = historyView(history(), { showInput, showHistoryOutput });
  // The extension writes `historyEvents`; the client reads `history`.
  return { ...view, historyEvents: events, history: events };
}

/** 200 for what has ended, 202 for what has not. */
export const statusCode = ({ status }: InstanceRow): number => (isEnded(status) ? 200 : 202);

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

const HIDDEN = new Set<number>([EventType.OrchestratorStarted, EventType.OrchestratorCompleted]);
const ANSWERS = new Set<number>([
  EventType.TaskCompleted,
  EventType.TaskFailed,
  EventType.SubOrchestrationInstanceCompleted,
  EventType.SubOrchestrationInstanceFailed,
]);
const ASKED = new Set<number>([EventType.TaskScheduled, EventType.SubOrchestrationInstanceCreated]);

/** The history for people: an answer stands for question and answer, and inner numbers are left out. */
function historyView(
  events: readonly HistoryEvent[],
  { showInput, showHistoryOutput }: { showInput: boolean; showHistoryOutput: boolean },
): Record<string, unknown>[] {
  const asked = new Map(events.filter(({ EventType: t }) => ASKED.has(t)).map((event) => [event.EventId, event]));
  const answered = new Set(events.filter(({ EventType: t }) => ANSWERS.has(t)).map((event) => event.TaskScheduledId));
  return events
    .filter(({ EventType: t, EventId }) => !HIDDEN.has(t) && !(ASKED.has(t) && answered.has(EventId)))
    .map((event) => {
      const question = ANSWERS.has(event.EventType) ? asked.get(event.TaskScheduledId as number) : undefined;
      return viewOf(event, question);
    });

  function viewOf(event: HistoryEvent, question: HistoryEvent | undefined): Record<string, unknown> {
    const { EventId: _, IsPlayed: __, EventType: type, TaskScheduledId: ___, TimerId: ____, ...rest } = event;
    const { FollowUp: _____, TargetExecutionId: ______, Result, Input, ...fields } = rest;
    const view: Record<string, unknown> = { ...fields, EventType: eventTypeName(type) };
    if (showInput && typeof Input === "string") view.Input = parsedOrText(Input);
    if (showHistoryOutput && typeof Result === "string") view.Result = parsedOrText(Result);
    if (question) {
      Object.assign(view, { ScheduledTime: question.Timestamp, FunctionName: question.Name });
      if (showInput && typeof question.Input === "string") view.Input = parsedOrText(question.Input);
    }
    if (type === EventType.ExecutionStarted) {
      for (const inner of ["Version", "OrchestrationInstance", "ParentInstance"]) delete view[inner];
      view.FunctionName = view.Name;
      delete view.Name;
    }
    if (type === EventType.ExecutionCompleted) view.OrchestrationStatus = nameOfStatus(event.OrchestrationStatus);
    return view;
  }
}

const nameOfStatus = (number: unknown): string =>
  Object.entries(STATUS_NUMBERS).find(([, value]) => value === number)?.[0] ?? String(number);

function parsedOrText(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
