/**
 * Sliding windows, as plain arithmetic: when is there room for some calls among those already placed?
 *
 * A window limits the calls in any stretch of its length, wherever the stretch begins. Times are rounded up to the window's
 * grain first, and calls are placed a whole length apart in grains. Two calls that do not share a window are therefore
 * more than `lengthMs - grainMs` apart, whatever they were rounded from. What is known only to the grain counts exactly as
 * it did when it was known to the millisecond, so growing older changes no answer.
 */
export interface Window {
  /** Calls this far apart never count together. A multiple of the grain. */
  lengthMs: number;
  grainMs: number;
  /** Times far ahead are multiples of this. It divides the length, so that nothing is lost from one window to the next. */
  farStepMs: number;
}

/**
 * The 0.4 s beyond the minute are a guard: a run may be 0.2 s late for its moment, and its call lands a little later
 * still, by a clock that is not quite ours.
 */
export const MINUTE: Window = { lengthMs: 60_400, grainMs: 1, farStepMs: 60_400 };

/**
 * 60 windows of a minute, so that both keep step. The 24 s beyond the hour pay for the grain, which keeps an hour of calls
 * in 453 numbers, and leave a guard of 16 s. They cost less than one percent of the calls.
 */
export const HOUR: Window = { lengthMs: 3_624_000, grainMs: 8_000, farStepMs: 120_800 };

/**
 * From here on times are rounded up to steps. Otherwise 15,000 waiting calls would repeat for hours the pattern in which
 * those of the past hour trickled in, each with a time of its own. Beyond an hour, so that a queue that is emptied
 * within the hour and its first minutes loses nothing.
 */
const FAR_MS = 66 * 60_000;

/** Calls placed at a moment (milliseconds since the epoch). */
export type Load = readonly [at: number, calls: number];

/**
 * The first moment from `from` on at which no stretch of the window's length has more than `most` of the others.
 *
 * @param loads in order of time, before and after `from`
 */
export function firstFree(window: Window, loads: readonly Load[], most: number, from: number, now: number): number {
  const { lengthMs, grainMs, farStepMs } = window;
  const length = lengthMs / grainMs;
  const grainOf = (time: number) => Math.ceil(time / grainMs);
  const asked = grainOf(from);
  let free = asked;
  let oldest = 0;
  let calls = 0;
  for (const [time, some] of loads) {
    const newestGrain = grainOf(time);
    if (newestGrain - length >= free) break;
    calls += some;
    // The shortest crowd that ends here: a call within a length of all of it, on either side, would be one too many.
    for (;;) {
      const [oldestTime, first] = loads[oldest] as Load;
      if (newestGrain - grainOf(oldestTime) < length && calls - first <= most) break;
      calls -= first;
      oldest++;
    }
    if (calls <= most) continue;
    const crowdEnds = grainOf((loads[oldest] as Load)[0]) + length;
    if (free < crowdEnds) free = crowdEnds;
  }
  if (free === asked) return from;
  const earliest = (free - 1) * grainMs + 1;
  return earliest - now > FAR_MS ? Math.ceil(earliest / farStepMs) * farStepMs : earliest;
}
