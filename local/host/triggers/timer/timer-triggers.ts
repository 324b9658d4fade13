import { type Log, messageOf } from "../../log.ts";
import { resolveSettings, type Settings } from "../../settings.ts";
import type { FunctionApp, RegisteredFunction } from "../../worker/types.ts";
import { invokeUnderPolicy } from "../retry-policy.ts";
import { sleepUntil } from "../sleep.ts";
import type { Trigger } from "../trigger.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";
import { type TimerStatus, TimerStatusFolder } from "./timer-status.ts";

export interface TimerTriggerOptions {
  app: FunctionApp;
  settings: Settings;
  /** Where the times of the last and next run are kept. */
  stateFolder: string;
  log: Log;
}

/** Timers that occur more often than this are not monitored, as in the Functions host: a missed one follows at once. */
const shortestMonitoredMs = 60_000;

/**
 * Runs a function on its schedule, one run at a time. A monitored timer that missed an occurrence while the host was
 * down runs at the start, marked as past due.
 *
 * @throws Error when the schedule cannot be read
 * @see https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer
 */
export function startTimer(fn: RegisteredFunction, options: TimerTriggerOptions): Trigger {
  const { app, settings, log } = options;
  const schedule = parseSchedule(resolveSettings(String(fn.trigger.schedule), settings), settings.WEBSITE_TIME_ZONE);
  const monitor = isMonitored(fn, schedule) ? new TimerStatusFolder(options.stateFolder) : undefined;
  const stopping = new AbortController();
  const running = run().catch((error: unknown) => {
    log.error("A timer has ended", { function: fn.name, reason: messageOf(error) });
  });

  async function run(): Promise<void> {
    const status = monitor?.read(fn.name);
    const missed = status !== undefined && isMissed(status, schedule);
    let next = schedule.after(new Date());
    if (missed || fn.trigger.runOnStartup === true) {
      await invoke(missed, status);
      next = schedule.after(new Date());
    }
    remember(status?.Last ?? new Date(0).toISOString(), next);
    while (await sleepUntil(next.getTime(), stopping.signal)) {
      await invoke(false, monitor?.read(fn.name));
      // An occurrence that passed during a long run is skipped, not made up for.
      next = schedule.after(new Date(Math.max(Date.now(), next.getTime())));
    }
  }

  async function invoke(isPastDue: boolean, status: TimerStatus | undefined): Promise<void> {
    if (stopping.signal.aborted) return;
    const startedAt = new Date();
    const timer = { Schedule: { AdjustForDST: true }, ScheduleStatus: status ?? null, IsPastDue: isPastDue };
    const invocation = { triggerData: { json: JSON.stringify(timer) } };
    const { wasCut } = await invokeUnderPolicy(app, fn, invocation, { signal: stopping.signal, log });
    // A run cut short by the end of the host counts as missed: the next start makes up for it.
    if (!wasCut) remember(startedAt.toISOString(), schedule.after(new Date()));
  }

  function remember(last: string, next: Date): void {
    try {
      monitor?.write(fn.name, { Last: last, Next: next.toISOString(), LastUpdated: new Date().toISOString() });
    } catch (error) {
      log.warn("The times of a timer could not be kept", { function: fn.name, reason: messageOf(error) });
    }
  }

  return {
    description: `timer ${String(fn.trigger.schedule)}, next at ${schedule.after(new Date()).toISOString()}`,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function isMonitored(fn: RegisteredFunction, schedule: Schedule): boolean {
  const first = schedule.after(new Date());
  const interval = schedule.after(first).getTime() - first.getTime();
  return fn.trigger.useMonitor !== false && interval >= shortestMonitoredMs;
}

/** Whether an occurrence went by since the status was written; it is the schedule of today that counts. */
function isMissed(status: TimerStatus, schedule: Schedule): boolean {
  return schedule.after(new Date(status.LastUpdated)).getTime() <= Date.now();
}
