import type { FunctionApp, RegisteredFunction } from "../worker/types.ts";
import type { HistoryEvent } from "./history.ts";
import { type Executor, executorOf } from "./library.ts";
import type { InstanceRow } from "./store.ts";

/** How one run of the orchestrator's code over its history ended. */
export interface TurnResult {
  /** What the library has counted; missing only when the library itself failed. */
  executor: Executor | undefined;
  isDone: boolean;
  /** JSON. */
  output: string | null;
  /** JSON, if the orchestrator has set one. */
  customStatus: string | null;
  /** The reason, when the orchestrator has thrown. */
  failure?: string;
}

/** A local store has no upper limit for timers, so that none is split into legs. */
const DURATIONS = `"longRunningTimerIntervalDuration":"3.00:00:00","maximumShortTimerDuration":"36500.00:00:00","defaultHttpAsyncRequestSleepTimeMillseconds":30000`;

/**
 * Runs the orchestrator's code over its whole history and what has come in since.
 *
 * @param history events of earlier turns, as JSON
 */
export async function runTurn(
  app: FunctionApp,
  fn: RegisteredFunction,
  instance: InstanceRow & { parentInstanceId: string | null },
  history: readonly string[],
  events: readonly HistoryEvent[],
): Promise<TurnResult> {
  const all = [...history, ...events.map((event) => JSON.stringify(event))].join(",");
  const { id, input, parentInstanceId } = instance;
  const json = `{"history":[${all}],"input":${input ?? "null"},"instanceId":${JSON.stringify(id)},"isReplaying":${history.length > 0},"parentInstanceId":${JSON.stringify(parentInstanceId)},"upperSchemaVersion":1,"upperSchemaVersionNew":3,${DURATIONS}}`;

  const { context, returnValue, error } = await app.invoke(fn, { triggerData: { json } });
  const executor = executorOf(context);
  if (error) return { executor, ...failureOf(error) };
  const state = parseState(returnValue?.json ?? returnValue?.string ?? "{}");
  return { executor, ...stateResult(state) };
}

interface OrchestratorState {
  isDone?: boolean;
  output?: unknown;
  error?: string;
  customStatus?: unknown;
}

const MARK = "\n\n$OutOfProcData$:";

/** The library hides the state of a failed orchestration in the message of its error. */
function failureOf(error: Error): Omit<TurnResult, "executor"> {
  const at = error.message.indexOf(MARK);
  const state = at < 0 ? {} : parseState(error.message.slice(at + MARK.length));
  const failure = at < 0 ? error.message : (state.error ?? "The orchestrator threw an error without a message");
  return { ...stateResult(state), isDone: true, output: null, failure };
}

const stateResult = ({ isDone = false, output, customStatus }: OrchestratorState) => ({
  isDone,
  output: output === undefined ? null : JSON.stringify(output),
  customStatus: customStatus === undefined ? null : JSON.stringify(customStatus),
});

const parseState = (text: string): OrchestratorState => JSON.parse(text) as OrchestratorState;
