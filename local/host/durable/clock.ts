/** Time as the engine sees it, so that tests can let days pass in a moment. */
export interface Clock {
  now(): Date;
  /** Calls back at `at` or soon after; the answer takes it back. */
  setTimer(at: Date, callback: () => void): () => void;
}

/** `setTimeout` takes at most this; longer waits are taken in legs. */
const LONGEST_LEG_MS = 2_147_483_647;

export const realClock: Clock = {
  now: () => new Date(),
  setTimer(at, callback) {
    let timer: NodeJS.Timeout;
    const wait = () => {
      const leftMs = at.getTime() - Date.now();
      if (leftMs <= 0) callback();
      else timer = setTimeout(wait, Math.min(leftMs, LONGEST_LEG_MS));
    };
    // Never within the call: the caller may not be ready.
    timer = setTimeout(wait, Math.max(0, Math.min(at.getTime() - Date.now(), LONGEST_LEG_MS)));
    return () => clearTimeout(timer);
  },
};
