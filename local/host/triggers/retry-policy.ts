import type { Log } from "../log.ts";
import type { FunctionApp, Invocation, InvocationResult, RegisteredFunction, RetryOptions } from "../worker/types.ts";
import { sleep } from "./sleep.ts";

/**
 * Calls a function and, when it fails, again as its retry policy says.
 *
 * @param signal ends the waits between tries, for the end of the host
 * @returns the last try; `wasCut` when the signal came before the policy ended
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies
 */
export async function invokeUnderPolicy(
  app: FunctionApp,
  fn: RegisteredFunction,
  invocation: Invocation,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<InvocationResult & { wasCut: boolean }> {
  const maxRetryCount = fn.retryOptions?.maxRetryCount ?? 0;
  for (let retryCount = 0; ; retryCount++) {
    const result = await app.invoke(fn, {
      ...invocation,
      ...(fn.retryOptions && { retryContext: { retryCount, maxRetryCount } }),
    });
    if (!result.error) return { ...result, wasCut: false };

    const isLast = maxRetryCount !== retryForever && retryCount >= maxRetryCount;
    log.error("Function failed", {
      function: fn.name,
      error: result.error,
      ...(fn.retryOptions && { try: retryCount + 1, of: maxRetryCount === retryForever ? "ever" : maxRetryCount + 1 }),
    });
    if (signal.aborted) return { ...result, wasCut: true };
    if (isLast || !fn.retryOptions) return { ...result, wasCut: false };
    await sleep(delayMs(fn.retryOptions, retryCount), signal);
    if (signal.aborted) return { ...result, wasCut: true };
  }
}

const retryForever = -1;

/** How long to wait after the given number of retries; an exponential delay varies so that functions spread out. */
export function delayMs(options: RetryOptions, retryCount: number): number {
  if ((options.retryStrategy ?? options.strategy) !== "exponentialBackoff") {
    return (options.delayInterval?.seconds ?? 0) * 1000;
  }
  const minimum = (options.minimumInterval?.seconds ?? 0) * 1000;
  const maximum = (options.maximumInterval?.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const spread = 0.8 + Math.random() * 0.4;
  return Math.min(Math.max(minimum * 2 ** Math.min(retryCount, 40) * spread, minimum), maximum);
}
