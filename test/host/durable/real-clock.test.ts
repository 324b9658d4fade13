import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { realClock } from "../../../local/host/durable/clock.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function timerIn(ms: number) {
  const callback = vi.fn<() => void>();
  const cancel = realClock.setTimer(new Date(Date.now() + ms), callback);
  return { callback, cancel };
}

test("waits for ninety days, which is more than the runtime's own timers can", () => {
  const { callback } = timerIn(90 * DAY_MS);
  vi.advanceTimersByTime(90 * DAY_MS - 1);
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  vi.advanceTimersByTime(DAY_MS);

  expect(callback).toHaveBeenCalledOnce();
});

test("notices within a minute that a wait ended while the machine was asleep", () => {
  const { callback } = timerIn(8 * 60 * MINUTE_MS);
  vi.advanceTimersByTime(10_000);
  vi.setSystemTime(Date.now() + DAY_MS);
  vi.advanceTimersByTime(MINUTE_MS);

  expect(callback).toHaveBeenCalledOnce();
});

test("calls back soon for what is due already, never within the call, and not once it is taken back", () => {
  const due = timerIn(-1);
  const takenBack = timerIn(-1);
  takenBack.cancel();
  const takenBackLater = timerIn(3 * MINUTE_MS);
  expect(due.callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2 * MINUTE_MS);
  takenBackLater.cancel();
  vi.advanceTimersByTime(2 * MINUTE_MS);

  expect(due.callback).toHaveBeenCalledOnce();
  expect(takenBack.callback).not.toHaveBeenCalled();
  expect(takenBackLater.callback).not.toHaveBeenCalled();
});
