import type { Policy } from "./policy.ts";

/** A containment that failed: Defender did not take the request, or what it did on the machine failed. */
export interface FailedContainment {
  machineId: string;
  /** ISO 8601. */
  at: string;
  stage: "request" | "action";
}

/** Stops containments when they go wrong one after the other, until a person closes it. */
export interface CircuitBreaker {
  isOpen: boolean;
  /** When it was opened or closed; absent while it never was. ISO 8601. */
  since?: string;
  /** Why it is open, or was closed. */
  reason?: string;
  /** Who closed it. */
  by?: string;
  /** Failures since the last success, the latest of each machine. */
  failures: readonly FailedContainment[];
}

export const CLOSED_BREAKER: CircuitBreaker = { isOpen: false, failures: [] };

/** The breaker after a failure. A machine whose step is tried again counts once. */
export function afterFailure(
  breaker: CircuitBreaker,
  failure: FailedContainment,
  { circuitBreaker: { failedMachines, windowMinutes } }: Pick<Policy, "circuitBreaker">,
): CircuitBreaker {
  const from = Date.parse(failure.at) - windowMinutes * 60_000;
  const others = breaker.failures.filter(
    ({ machineId, at }) => machineId !== failure.machineId && Date.parse(at) > from,
  );
  const failures = [...others, failure].slice(-failedMachines);
  const counted = { ...breaker, failures };
  if (failures.length < failedMachines) return counted;
  return opened(counted, failure.at, `containments of ${failures.length} machines failed and none succeeded`);
}

/** The breaker after a success: a request that was taken says nothing yet about what machines do with it. */
export function afterSuccess(breaker: CircuitBreaker, stage: FailedContainment["stage"]): CircuitBreaker {
  const failures = stage === "action" ? [] : breaker.failures.filter((failure) => failure.stage === "action");
  return failures.length === breaker.failures.length ? breaker : { ...breaker, failures };
}

/** An open breaker keeps the reason that opened it. */
export const opened = (breaker: CircuitBreaker, at: string, reason: string): CircuitBreaker =>
  breaker.isOpen ? breaker : { isOpen: true, since: at, reason, failures: breaker.failures };

export const closed = (
  breaker: CircuitBreaker,
  { at, by, reason }: { at: string; by: string; reason: string },
): CircuitBreaker => (breaker.isOpen ? { isOpen: false, since: at, reason, by, failures: [] } : breaker);
