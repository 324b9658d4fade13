import { randomUUID } from "node:crypto";
import { checkDeterminism } from "./determinism.ts";
import { type CreatedEvent, type EntityRequest, EventType, type HistoryEvent, historyEvent } from "./history.ts";
import {
  ActionType,
  type Executor,
  encodedInput,
  HTTP_TASK,
  type HttpRequest,
  type LibraryAction,
  type LibraryTask,
  leafActions,
  plainInput,
  type RetryOptions,
} from "./library.ts";

/** Something an orchestration has asked for in this turn, under its id. */
export type Order =
  | { kind: "activity"; id: number; name: string; input: string }
  | { kind: "http"; id: number; request: HttpRequest }
  | { kind: "orchestration"; id: number; name: string; instanceId: string; input: string; version: string | null }
  | { kind: "timer"; id: number; fireAt: Date; isCanceled: boolean }
  | { kind: "entity"; id: number; entityId: string; request: EntityRequest };

export interface TurnContext {
  instanceId: string;
  executionId: string;
  now: Date;
  created: readonly CreatedEvent[];
}

/**
 * Reads from the library what the orchestrator has asked for since the last turn.
 *
 * The library counts ids by itself; what has an id and is not in the history yet is new.
 *
 * @throws NonDeterministicError when the code did not do again what the history says it did
 */
export function planTurn(executor: Executor, turn: TurnContext): Order[] {
  const leaves = leafActions(executor.actions);
  checkDeterminism(leaves, turn.created);

  const known = new Set(turn.created.filter(({ isRewound }) => !isRewound).map(({ id }) => id));
  const signals = outstandingSignals(leaves, turn.created);
  const orders: Order[] = [];
  for (let id = 0; id < executor.sequenceNumber; id += 1) {
    if (known.has(id)) continue;
    const task = executor.openTasks[id];
    const order = task ? orderOf(task, id, turn) : signals.next(id);
    if (order) orders.push(order);
  }
  return orders;
}

function orderOf(task: LibraryTask, id: number, turn: TurnContext): Order | undefined {
  if (task.actionObj === "noOp") return retryOrder(task.parent as LibraryTask, id, turn);
  if (task.actionObj.actionType === ActionType.CallHttp) return httpOrder(task, id);
  return actionOrder(task.actionObj, id, turn);
}

/** After a failure the library takes an id for the pause, and after the pause one for the next try. */
function retryOrder(parent: LibraryTask, id: number, turn: TurnContext): Order {
  if (!parent.isWaitingOnTimer) return actionOrder(parent.innerTask?.actionObj as LibraryAction, id, turn);
  const failures = (parent.attemptNumber ?? 2) - 1;
  const pauseMs = retryPauseMs(parent.retryOptions as RetryOptions, failures);
  return { kind: "timer", id, fireAt: new Date(turn.now.getTime() + pauseMs), isCanceled: false };
}

/** After the last failure the library still waits for a timer, which then fires at once. */
function retryPauseMs(options: RetryOptions, failures: number): number {
  if (failures >= options.maxNumberOfAttempts) return 0;
  const { firstRetryIntervalInMilliseconds: first, backoffCoefficient = 1 } = options;
  return Math.min(first * backoffCoefficient ** (failures - 1), options.maxRetryIntervalInMilliseconds ?? Infinity);
}

/** A poll of an asynchronous HTTP call is held back until the timer before it has fired. */
function httpOrder(task: LibraryTask, id: number): Order | undefined {
  const request = (task.actionObj as LibraryAction).httpRequest as HttpRequest;
  const siblings = task.parent && isLibraryCompound(task.parent) ? (task.parent.children ?? []) : [];
  const position = siblings.indexOf(task);
  if (position < 2) return { kind: "http", id, request };
  if (!siblings[position - 1]?.hasResult) return undefined;

  // An answer may say where to ask next in terms of where it was asked itself.
  const answers = siblings.slice(0, position).filter((_, index) => index % 2 === 0);
  const uri = answers.reduce((asked, { result }) => new URL(locationIn(result), asked).href, request.uri);
  const { "x-functions-key": _, ...headers } = request.headers ?? {};
  return { kind: "http", id, request: { ...request, method: "GET", uri, headers, content: "" } };
}

function locationIn(answer: unknown): string {
  const { headers = {} } = (answer ?? {}) as { headers?: Record<string, string> };
  return Object.entries(headers).find(([name]) => name.toLowerCase() === "location")?.[1] ?? "";
}

function actionOrder(action: LibraryAction, id: number, { instanceId, executionId }: TurnContext): Order {
  const name = action.functionName ?? "";
  switch (action.actionType) {
    case ActionType.CallActivity:
    case ActionType.CallActivityWithRetry:
      return { kind: "activity", id, name, input: encodedInput(action.input) };
    case ActionType.CallSubOrchestrator:
    case ActionType.CallSubOrchestratorWithRetry: {
      const child = action.instanceId || `${executionId}:${id}`;
      return {
        kind: "orchestration",
        id,
        name,
        instanceId: child,
        input: plainInput(action.input),
        version: action.version ?? null,
      };
    }
    case ActionType.CreateTimer:
      return { kind: "timer", id, fireAt: new Date(action.fireAt as Date), isCanceled: action.isCanceled === true };
    case ActionType.CallEntity: {
      const request = { op: action.operation ?? "", ...operationInput(action), id: randomUUID() };
      return entityOrder(id, action.instanceId ?? "", { ...request, parent: instanceId, parentExecution: executionId });
    }
    case ActionType.LockEntities: {
      const lockset = action.lockSet ?? [];
      const request = {
        id: action.lockRequestId ?? "",
        lockset,
        pos: 0,
        parent: instanceId,
        parentExecution: executionId,
      };
      return entityOrder(id, entityIdOf(lockset[0]), request);
    }
    default:
      throw new Error(`The library asked for an action of type ${action.actionType}, which this host does not know.`);
  }
}

const entityOrder = (id: number, entityId: string, request: EntityRequest): Order => ({
  kind: "entity",
  id,
  entityId: entityId.toLowerCase().startsWith("@") ? normalEntityId(entityId) : entityId,
  request,
});

/** An operation without input has none, rather than null. */
const operationInput = ({ input }: LibraryAction) => (input === undefined ? {} : { input: plainInput(input) });

/** Signals and releases are sent and forgotten: the library takes an id for each and keeps no task. */
function outstandingSignals(leaves: readonly LibraryAction[], created: readonly CreatedEvent[]) {
  const sent = created.filter(({ request }) => request?.signal || request?.release).length;
  const slots = leaves.flatMap(signalSlots).slice(sent).values();
  return {
    next(id: number): Order {
      const { value: slot } = slots.next();
      if (!slot) throw new Error(`The library took the id ${id} for something this host cannot find.`);
      return entityOrder(id, slot.entityId, slot.request);
    },
  };

  function signalSlots(action: LibraryAction): { entityId: string; request: EntityRequest }[] {
    if (action.actionType === ActionType.SignalEntity) {
      const request = { op: action.operation ?? "", signal: true, ...operationInput(action), id: randomUUID() };
      return [{ entityId: action.instanceId ?? "", request }];
    }
    if (action.actionType !== ActionType.ReleaseEntities) return [];
    const held = heldLock(leaves.slice(0, leaves.indexOf(action)));
    return (held?.lockSet ?? []).map((entity) => ({
      entityId: entityIdOf(entity),
      request: { release: true, id: held?.lockRequestId ?? "" },
    }));
  }
}

/** The lock taken last: an orchestration holds one at a time. */
const heldLock = (before: readonly LibraryAction[]): LibraryAction | undefined =>
  before.findLast(({ actionType }) => actionType === ActionType.LockEntities);

/** `@name@key`; names are compared without regard to case, keys are not. */
export const entityIdOf = (entity: { name: string; key: string } | undefined): string =>
  `@${entity?.name.toLowerCase()}@${entity?.key}`;

export function normalEntityId(id: string): string {
  const end = id.indexOf("@", 1);
  return end < 0 ? id : id.slice(0, end).toLowerCase() + id.slice(end);
}

/** What the history keeps of an order. */
export function toEvent(order: Order, now: Date, isFollowUp: boolean): HistoryEvent {
  const tag = isFollowUp ? { FollowUp: true } : {};
  switch (order.kind) {
    case "activity":
      return historyEvent(EventType.TaskScheduled, now, { Name: order.name, Input: order.input, ...tag }, order.id);
    case "http":
      return historyEvent(EventType.TaskScheduled, now, { Name: HTTP_TASK, ...tag }, order.id);
    case "orchestration": {
      const { name, instanceId, input } = order;
      const fields = { Name: name, InstanceId: instanceId, Input: input, ...tag };
      return historyEvent(EventType.SubOrchestrationInstanceCreated, now, fields, order.id);
    }
    case "timer":
      return historyEvent(EventType.TimerCreated, now, { FireAt: order.fireAt.toISOString(), ...tag }, order.id);
    case "entity": {
      const { entityId, request } = order;
      const name = request.release ? "release" : request.lockset ? "lock" : "op";
      const fields = { InstanceId: entityId, Name: name, Input: JSON.stringify(request), ...tag };
      return historyEvent(EventType.EventSent, now, fields, order.id);
    }
  }
}

/** Whether the library took this id by itself: the orchestrator's own code need not take it again in the same place. */
export function isFollowUp(executor: Executor, id: number): boolean {
  const task = executor.openTasks[id];
  if (!task) return false;
  if (task.actionObj === "noOp") return true;
  const { children = [] } = task.parent ?? {};
  // Polls of an HTTP call and the legs of a long timer come after the first child.
  return task.parent !== undefined && isLibraryCompound(task.parent) && children.indexOf(task) > 0;
}

/** A task that looks like one call to the orchestrator and is several to the library. */
const isLibraryCompound = ({ actionObj }: LibraryTask): boolean =>
  actionObj !== "noOp" &&
  (actionObj.actionType === ActionType.CallHttp || actionObj.actionType === ActionType.CreateTimer);
