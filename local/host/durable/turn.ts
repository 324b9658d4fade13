import { randomUUID } from "node:crypto";
import type { FunctionApp, RegisteredFunction } from "../worker/types.ts";
import { EventType, type HistoryEvent, historyEvent } from "./history.ts";
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
  /** How many of the events that have come in it read; it stops reading when it returns or continues as new. */
  readCount: number;
}

/** A local store has no upper limit for timers, so that none is split into legs. */
const DURATIONS = `"longRunningTimerIntervalDuration":"3.00:00:00","maximumShortTimerDuration":"36500.00:00:00","defaultHttpAsyncRequestSleepTimeMillseconds":30000`;

/** Events of a name that nothing waits for pile up in the library: those between others show how far it has read. */
const BOOKMARK = randomUUID();
const bookmark = (at: Date): string => JSON.stringify(historyEvent(EventType.EventRaised, at, { Name: BOOKMARK }));

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
  now: Date,
  events: readonly HistoryEvent[],
): Promise<TurnResult> {
  const start = JSON.stringify(historyEvent(EventType.OrchestratorStarted, now));
  const fresh = events.map((event) => JSON.stringify(event)).join(`,${bookmark(now)},`);
  const all = [...history, start, ...(fresh ? [fresh] : [])].join(",");
  const { id, input, parentInstanceId } = instance;
  const json = `{"history":[${all}],"input":${input ?? "null"},"instanceId":${JSON.stringify(id)},"isReplaying":${history.length > 0},"parentInstanceId":${JSON.stringify(parentInstanceId)},"upperSchemaVersion":1,"upperSchemaVersionNew":3,${DURATIONS}}`;

  const { context, returnValue, error } = await app.invoke(fn, { triggerData: { json } });
  const executor = executorOf(context);
  const readCount = Math.min(events.length, (executor?.deferredTasks[BOOKMARK]?.length ?? 0) + 1);
  const result = error ? failureOf(error) : stateResult(parseState(returnValue?.json ?? returnValue?.string ?? "{}"));
  return { executor, readCount, ...refuseLongStatus(result) };
}

/** What a turn that could not even be run comes to. */
export const failedTurn = (failure: string): TurnResult => ({
  ...{ executor: undefined, isDone: true, output: null, customStatus: null, failure },
  readCount: Number.MAX_SAFE_INTEGER,
});

interface OrchestratorState {
  isDone?: boolean;
  output?: unknown;
  error?: string;
  customStatus?: unknown;
}

type Outcome = Omit<TurnResult, "executor" | "readCount">;

const MARK = "\n\n$OutOfProcData$:";

/** The library hides the state of a failed orchestration in the message of its error. */
function failureOf(error: Error): Outcome {
  const at = error.message.indexOf(MARK);
  const state = at < 0 ? {} : parseState(error.message.slice(at + MARK.length));
  const failure = at < 0 ? error.message : (state.error ?? "The orchestrator threw an error without a message");
  return { ...stateResult(state), isDone: true, output: null, failure };
}

const stateResult = ({ isDone = false, output, customStatus }: OrchestratorState): Outcome => ({
  isDone,
  output: output === undefined ? null : JSON.stringify(output),
  customStatus: customStatus === undefined ? null : JSON.stringify(customStatus),
});

/** In UTF-16, as the extension measures it. */
const LONGEST_STATUS_BYTES = 16 * 1024;

function refuseLongStatus(outcome: Outcome): Outcome {
  const bytes = 2 * (outcome.customStatus?.length ?? 0);
  if (bytes <= LONGEST_STATUS_BYTES) return outcome;
  const failure = `its custom status has ${bytes} bytes of UTF-16, of at most ${LONGEST_STATUS_BYTES}`;
  return { isDone: true, output: null, customStatus: null, failure: outcome.failure ?? failure };
}

const parseState = (text: string): OrchestratorState => JSON.parse(text) as OrchestratorState;
