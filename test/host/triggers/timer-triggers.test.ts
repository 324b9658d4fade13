import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLog } from "../../../local/host/log.ts";
import { parseSchedule } from "../../../local/host/triggers/timer/schedule.ts";
import { startTimer } from "../../../local/host/triggers/timer/timer-triggers.ts";
import type { Trigger } from "../../../local/host/triggers/trigger.ts";
import { type FakeFunction, fakeApp } from "../fake-app.ts";

const minute = 60_000;

describe("a schedule", () => {
  test.each([
    ["0 */5 * * * *", "2026-01-05T09:03:00Z", "2026-01-05T09:05:00.000Z"],
    ["*/5 * * * *", "2026-01-05T09:03:00Z", "2026-01-05T09:05:00.000Z"],
    ["30 0 8 * * Mon-Fri", "2026-01-09T08:00:30Z", "2026-01-12T08:00:30.000Z"],
    ["0 0 0 1 Feb,Jul *", "2026-03-01T00:00:00Z", "2026-07-01T00:00:00.000Z"],
    ["0 0 9 13 * 5", "2026-01-01T00:00:00Z", "2026-02-13T09:00:00.000Z"],
    ["01:30:00", "2026-01-05T09:00:00Z", "2026-01-05T10:30:00.000Z"],
  ])("%s after %s occurs at %s", (text, time, next) => {
    expect(parseSchedule(text).after(new Date(time)).toISOString()).toBe(next);
  });

  test("follows the time zone of the app", () => {
    const next = parseSchedule("0 0 8 * * *", "Europe/Berlin").after(new Date("2026-07-01T00:00:00Z"));
    expect(next.toISOString()).toBe("2026-07-01T06:00:00.000Z");
  });

  test.each(["every day", "* * * *", "@daily", "0 0 0 L * *", "0 0 0 30 2 *", "0 61 * * * *", "00:00:00"])(
    "%s is refused",
    (text) => {
      expect(() => parseSchedule(text)).toThrow(`the schedule "${text}"`);
    },
  );
});

describe("a timer", () => {
  let folder: string;
  let runs: { at: string; timer: Record<string, unknown> }[];
  let started: Trigger[];

  beforeEach(() => {
    vi.useFakeTimers({ now: new Date("2026-01-05T09:00:10Z"), toFake: ["Date", "setTimeout", "clearTimeout"] });
    folder = mkdtempSync(join(tmpdir(), "timers-"));
    runs = [];
    started = [];
  });

  afterEach(async () => {
    const stopped = started.map((timer) => timer.stop());
    await vi.runAllTimersAsync();
    await Promise.all(stopped);
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  function start(options: object, handler?: FakeFunction["handler"], more: Partial<FakeFunction> = {}): Trigger {
    const app = fakeApp({
      name: "sync",
      trigger: { type: "timerTrigger", ...options },
      ...more,
      handler: (invocation) => {
        runs.push({ at: new Date().toISOString(), timer: JSON.parse(invocation.triggerData.json ?? "") });
        return handler?.(invocation);
      },
    });
    const [fn] = app.functions.values();
    if (!fn) throw new Error("no function");
    const settings = { SYNC_SCHEDULE: "0 */5 * * * *" };
    const trigger = startTimer(fn, { app, settings, stateFolder: folder, log: silentLog });
    started.push(trigger);
    return trigger;
  }

  test("runs at each occurrence of the schedule that a setting names", async () => {
    start({ schedule: "%SYNC_SCHEDULE%" });
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(runs.map(({ at }) => at)).toEqual(["2026-01-05T09:05:00.000Z", "2026-01-05T09:10:00.000Z"]);
    expect(runs[1]?.timer).toEqual({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: {
        Last: "2026-01-05T09:05:00.000Z",
        Next: "2026-01-05T09:10:00.000Z",
        LastUpdated: "2026-01-05T09:05:00.000Z",
      },
      IsPastDue: false,
    });
  });

  test("runs at the start, past due, when an occurrence was missed while the host was down", async () => {
    await start({ schedule: "0 */5 * * * *" }).stop();
    vi.setSystemTime(new Date("2026-01-05T11:02:00Z"));
    start({ schedule: "0 */5 * * * *" });
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toMatchObject([{ at: "2026-01-05T11:02:00.000Z", timer: { IsPastDue: true } }]);
    await vi.advanceTimersByTimeAsync(3 * minute);
    expect(runs).toMatchObject([{}, { at: "2026-01-05T11:05:00.000Z", timer: { IsPastDue: false } }]);
  });

  test("does not run at the start when nothing was missed, nor when it is not monitored", async () => {
    await start({ schedule: "0 */5 * * * *" }).stop();
    start({ schedule: "0 */5 * * * *" });
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toEqual([]);

    vi.setSystemTime(new Date("2026-01-05T11:02:00Z"));
    start({ schedule: "0 */5 * * * *", useMonitor: false });
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toEqual([]);
  });

  test("runs at every start when asked to", async () => {
    start({ schedule: "0 0 0 1 1 *", runOnStartup: true });
    await vi.advanceTimersByTimeAsync(0);
    expect(runs).toMatchObject([{ timer: { IsPastDue: false } }]);
  });

  test("never runs twice at once and skips what a long run missed", async () => {
    start({ schedule: "0 * * * * *" }, async () => {
      await new Promise<void>((resolve) => setTimeout(resolve, 150_000));
      return undefined;
    });
    await vi.advanceTimersByTimeAsync(5 * minute);
    expect(runs.map(({ at }) => at)).toEqual(["2026-01-05T09:01:00.000Z", "2026-01-05T09:04:00.000Z"]);
  });

  test("goes on after a failure, and tries again first when it has a retry policy", async () => {
    const fail = () => {
      throw new Error("feed is down");
    };
    const retryOptions = { maxRetryCount: 2, retryStrategy: "fixedDelay", delayInterval: { seconds: 10 } };
    start({ schedule: "0 */5 * * * *" }, fail, { retryOptions });
    await vi.advanceTimersByTimeAsync(9.9 * minute);
    expect(runs.map(({ at }) => at.slice(11, 19))).toEqual(["09:05:00", "09:05:10", "09:05:20", "09:10:00"]);
  });

  test("waits for a run under way when it stops, and then runs no more", async () => {
    let finished = false;
    const timer = start({ schedule: "0 * * * * *" }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5000));
      finished = true;
      return undefined;
    });
    await vi.advanceTimersByTimeAsync(minute);
    const stopped = timer.stop();
    await vi.advanceTimersByTimeAsync(5 * minute);
    await stopped;
    expect(finished).toBe(true);
    expect(runs).toHaveLength(1);
  });
});
