/**
 * The inside of durable-functions 3.5 that the engine reads after a turn: which ids the library has taken, and for what.
 * Nothing of it is changed. The tests in test/host/durable fail if a new version of the library does it differently.
 */

/** What the orchestrator asked for, as the library numbers it. */
export const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  CallHttp: 8,
  SignalEntity: 9,
  ScheduledSignalEntity: 10,
  WhenAny: 11,
  WhenAll: 12,
  LockEntities: 13,
  ReleaseEntities: 14,
} as const;

/** The name the extension gives to HTTP calls among the activities. */
export const HTTP_TASK = "BuiltIn::HttpActivity";

export interface LibraryAction {
  actionType: number;
  functionName?: string;
  input?: unknown;
  instanceId?: string;
  version?: string;
  fireAt?: Date;
  isCanceled?: boolean;
  operation?: string;
  httpRequest?: HttpRequest;
  compoundActions?: LibraryAction[];
  lockRequestId?: string;
  lockSet?: { name: string; key: string }[];
  retryOptions?: RetryOptions;
}

export interface HttpRequest {
  method: string;
  uri: string;
  content?: string;
  headers?: Record<string, string>;
  tokenSource?: { kind: string; resource: string };
  asynchronousPatternEnabled?: boolean;
}

export interface RetryOptions {
  firstRetryIntervalInMilliseconds: number;
  maxNumberOfAttempts: number;
  backoffCoefficient?: number;
  maxRetryIntervalInMilliseconds?: number;
}

export interface LibraryTask {
  id: number | string | false;
  /** `"noOp"` for what the library takes an id for by itself. */
  actionObj: LibraryAction | "noOp";
  parent?: LibraryTask;
  children?: LibraryTask[];
  hasResult: boolean;
  result?: unknown;
  /** On the task of a call with retries. */
  innerTask?: LibraryTask;
  isWaitingOnTimer?: boolean;
  attemptNumber?: number;
  retryOptions?: RetryOptions;
}

export interface Executor {
  sequenceNumber: number;
  openTasks: Record<string, LibraryTask>;
  /** Events that came and nothing has waited for, by name. */
  deferredTasks: Record<string, unknown[]>;
  actions: LibraryAction[];
}

/** The executor of the turn that was run with this context. */
export function executorOf(context: unknown): Executor | undefined {
  return (context as { df?: { taskOrchestratorExecutor?: Executor } }).df?.taskOrchestratorExecutor;
}

/** The actions that take ids, in the order of those ids; an action that is listed twice counts once. */
export function leafActions(actions: readonly LibraryAction[]): LibraryAction[] {
  const leaves = new Set<LibraryAction>();
  const visit = (action: LibraryAction): void => {
    if (action.compoundActions) action.compoundActions.forEach(visit);
    else if (action.actionType !== ActionType.WaitForExternalEvent && action.actionType !== ActionType.ContinueAsNew) {
      leaves.add(action);
    }
  };
  actions.forEach(visit);
  return [...leaves];
}

/** Activities and continue-as-new get a text input encoded once more by the library; the rest do not. */
export const encodedInput = (input: unknown): string =>
  typeof input === "string" ? input : JSON.stringify(input ?? null);

export const plainInput = (input: unknown): string => JSON.stringify(input ?? null);
