import { DefenderRefusedError, DefenderThrottledError } from "../defender/error.ts";
import type { MachineAction } from "../defender/machine-actions/machine-action.ts";
import { MustWaitError, messageOf, PermanentError } from "../errors.ts";
import { TELL_PEOPLE, type Telling } from "../notifications/tell-people.ts";
import { tellingRunId } from "../runs/run-id.ts";
import type { Services } from "../services.ts";
import { afterFailure, afterSuccess, type CircuitBreaker, type FailedContainment, opened } from "./circuit-breaker.ts";

type Reached = Pick<Services, "policyState" | "policy" | "audit" | "runs">;

/** How the containment of a machine went: as a request to Defender, or as what Defender then did on the machine. */
export interface Outcome {
  machineId: string;
  stage: FailedContainment["stage"];
  succeeded: boolean;
}

/** What takes something from a machine, as Defender names it; a live response session is more than that. */
export const CONTAINMENT_TYPES = ["Isolate", "RestrictCodeExecution", "StopAndQuarantineFile", "Offboard"];

/**
 * How machine actions ended that contain, in the order in which they did. One that was cancelled tells nothing, nor does one
 * that Defender gave up after days, as its machine was away.
 */
export function outcomesOf(ended: readonly MachineAction[]): Outcome[] {
  return ended
    .flatMap(({ type, status, machineId, lastUpdateDateTimeUtc }) => {
      if (!machineId || !CONTAINMENT_TYPES.includes(type ?? "") || TELLS_NOTHING.has(status ?? "")) return [];
      const at = String(lastUpdateDateTimeUtc ?? "");
      const outcome = {
        machineId: machineId.toLowerCase(),
        stage: "action",
        succeeded: status === "Succeeded",
      } as const;
      return [{ at, outcome }];
    })
    .sort((one, other) => (one.at < other.at ? -1 : 1))
    .map(({ outcome }) => outcome);
}

const TELLS_NOTHING: ReadonlySet<string> = new Set(["Cancelled", "TimeOut"]);

/** Tells the circuit breaker how containments went, in order. Safe to repeat: a machine counts once. */
export async function countOutcomes(services: Reached, runId: string, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return;
  const policy = services.policy();
  await changeBreaker(services, runId, (breaker, at) =>
    outcomes.reduce(
      (now, { succeeded, ...outcome }) =>
        succeeded ? afterSuccess(now, outcome.stage) : afterFailure(now, { ...outcome, at }, policy),
      breaker,
    ),
  );
}

/** Opens the circuit breaker, as a cap of the tenant has refused a containment. */
export const openAtCap = (services: Reached, runId: string, reason: string): Promise<void> =>
  changeBreaker(services, runId, (breaker, at) => opened(breaker, at, reason));

/** Whether an error says that nothing was asked of Defender, or that Defender refused. */
export const isRefused = (error: unknown): boolean => error instanceof PermanentError || error instanceof MustWaitError;

/** Whether an error is a failure of the request itself: not that a person was first, something has to end before, or a limit is used up. */
export const isFailedRequest = (error: unknown, isLastTry: boolean): boolean =>
  error instanceof DefenderRefusedError ||
  (isLastTry && !isRefused(error) && !(error instanceof DefenderThrottledError));

/** That it opened is on record, as nothing else tells once it is closed again; and people are told. */
async function changeBreaker(
  { policyState, audit, runs }: Reached,
  runId: string,
  change: (breaker: CircuitBreaker, at: string) => CircuitBreaker,
): Promise<void> {
  let openedNow = false;
  const { reason, since = "" } = await policyState.changeBreaker((breaker, at) => {
    const after = change(breaker, at);
    openedNow = after.isOpen && !breaker.isOpen;
    return after;
  });
  if (!openedNow) return;
  const entry = { runId, activity: "circuitBreaker", effect: "write" } as const;
  await audit.record({ ...entry, event: "done", reason: `opened: ${reason}` });
  const telling: Telling = {
    ofRun: runId,
    key: `circuit breaker ${since}`,
    event: "circuitBreakerOpened",
    severity: "High",
    title: "The circuit breaker is open: nothing is contained any more",
    text: `It opened at ${since}, as ${reason}. Until a person closes it, every containment is refused.`,
    facts: [{ name: "Opened by run", value: runId }],
  };
  // Whoever is not told must not change what becomes of the containment.
  await runs
    .startOnce(TELL_PEOPLE, tellingRunId(runId, telling.key), telling)
    .catch((error: unknown) => audit.record({ ...entry, event: "failed", reason: `not told: ${messageOf(error)}` }));
}
