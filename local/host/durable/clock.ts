/** Time as the engine sees it, so that tests can let days pass in a moment. */
export interface Clock {
  now(): Date;
  /** Calls back at `at` or soon after; the answer takes it back. */
  setTimer(at: Date, callback: () => void): () => void;
}

/**
 * Longer waits are taken in legs: `setTimeout` takes 24 days at most, and it stands still while the machine sleeps, which
 * must not put off the end of a wait by more than this.
 */
const LONGEST_LEG_MS = 60_000;

export const realClock: Clock = {
  now: () => new Date(),
  setTimer(at, callback) {
    const leg = () => Math.max(0, Math.min(at.getTime() - Date.now(), LONGEST_LEG_MS));
    let timer: NodeJS.Timeout;
    const wait = () => {
      if (at.getTime() <= Date.now()) callback();
      else timer = setTimeout(wait, leg());
    };
    // Never within the call: the caller may not be ready.
    timer = setTimeout(wait, leg());
    return () => clearTimeout(timer);
  },
};
