/** The longest wait a Node timer can hold is about 24 days; this also follows a clock that is set meanwhile. */
const longestStepMs = 60 * 60 * 1000;

/**
 * Waits until the clock shows `time`, never less.
 *
 * @returns false when the signal ended the wait
 */
export async function sleepUntil(time: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const remaining = time - Date.now();
    if (remaining <= 0) return true;
    await sleep(Math.min(remaining, longestStepMs), signal);
  }
  return false;
}

/** Waits, or less when the signal comes. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
