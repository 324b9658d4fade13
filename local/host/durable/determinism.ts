import { type CreatedEvent, EventType } from "./history.ts";
import { ActionType, HTTP_TASK, type LibraryAction } from "./library.ts";

/** The code of an orchestration did something else than its history says. It cannot go on. */
export class NonDeterministicError extends Error {
  override name = "NonDeterministicError";
}

interface Step {
  type: number;
  name: string;
  words: string;
}

/**
 * Compares what the orchestrator's code asked for in this replay with what its history says it asked for before.
 *
 * @throws NonDeterministicError naming the first step that differs
 */
export function checkDeterminism(leaves: readonly LibraryAction[], created: readonly CreatedEvent[]): void {
  const now = leaves.flatMap(stepsOf);
  const byId = new Map(created.map((event) => [event.id, event])); // one that was rewound may be there twice
  const before = [...byId.values()]
    .filter(({ isFollowUp, request }) => !isFollowUp && !request?.release)
    .sort((a, b) => a.id - b.id);
  for (const [index, event] of before.entries()) {
    const step = now[index];
    const isSame = step && step.type === event.type && step.name.toLowerCase() === comparableName(event).toLowerCase();
    if (isSame) continue;
    throw new NonDeterministicError(
      `The orchestration is not deterministic: its step ${index + 1} was ${wordsOf(event)}, and now is ${step?.words ?? "not there"}. ` +
        "Its code has changed, or it uses a clock, random numbers or input and output of its own.",
    );
  }
}

function stepsOf(action: LibraryAction): Step[] {
  const name = action.functionName ?? "";
  switch (action.actionType) {
    case ActionType.CallActivity:
    case ActionType.CallActivityWithRetry:
      return [{ type: EventType.TaskScheduled, name, words: `activity ${name}` }];
    case ActionType.CallHttp:
      return [{ type: EventType.TaskScheduled, name: HTTP_TASK, words: "an HTTP call" }];
    case ActionType.CallSubOrchestrator:
    case ActionType.CallSubOrchestratorWithRetry:
      return [{ type: EventType.SubOrchestrationInstanceCreated, name, words: `orchestration ${name}` }];
    case ActionType.CreateTimer:
      return [{ type: EventType.TimerCreated, name: "", words: "a timer" }];
    case ActionType.ReleaseEntities:
      return []; // compared by what it releases: the lock before it
    default: {
      const operation = action.operation ?? "";
      return [{ type: EventType.EventSent, name: operation, words: `entity operation ${operation || "lock"}` }];
    }
  }
}

/** Messages to entities are told apart by their operation. */
const comparableName = ({ type, name, request }: CreatedEvent): string =>
  type === EventType.EventSent ? (request?.op ?? "") : name;

function wordsOf(event: CreatedEvent): string {
  const name = comparableName(event);
  if (event.type === EventType.TimerCreated) return "a timer";
  if (event.type === EventType.SubOrchestrationInstanceCreated) return `orchestration ${name}`;
  if (event.type === EventType.EventSent) return `entity operation ${name || "lock"}`;
  return name === HTTP_TASK ? "an HTTP call" : `activity ${name}`;
}
