import type { HostJson } from "../host-json.ts";
import { type Log, messageOf } from "../log.ts";
import type { Settings } from "../settings.ts";
import type { FunctionApp, RegisteredFunction } from "../worker/types.ts";
import { startEventHubTrigger } from "./event-hubs/event-hub-trigger.ts";
import { startTimer } from "./timer/timer-triggers.ts";
import type { Trigger } from "./trigger.ts";

export interface TriggersOptions {
  app: FunctionApp;
  settings: Settings;
  hostJson: HostJson;
  hostId: string;
  /** Where timers keep their times. */
  timerFolder: string;
  log: Log;
}

/** Trigger types that are answered elsewhere: by the HTTP server and by the engine of Durable. */
const answeredElsewhere = new Set(["httpTrigger", "orchestrationTrigger", "activityTrigger", "entityTrigger"]);

/**
 * Opens the way in of every function that waits for something. A function whose trigger cannot be opened is reported
 * and left out, and the others run, as in the Functions host.
 */
export function startTriggers(options: TriggersOptions): Map<string, Trigger> {
  const triggers = new Map<string, Trigger>();
  for (const fn of options.app.functions.values()) {
    if (answeredElsewhere.has(fn.trigger.type)) continue;
    try {
      triggers.set(fn.name, startTrigger(fn, options));
    } catch (error) {
      options.log.error("A function is left out", { function: fn.name, reason: messageOf(error) });
    }
  }
  return triggers;
}

function startTrigger(fn: RegisteredFunction, options: TriggersOptions): Trigger {
  const { app, settings, hostJson, hostId, timerFolder, log } = options;
  switch (fn.trigger.type) {
    case "timerTrigger":
      return startTimer(fn, { app, settings, stateFolder: timerFolder, log });
    case "eventHubTrigger":
      return startEventHubTrigger(fn, { app, settings, eventHubs: hostJson.extensions.eventHubs, hostId, log });
    default:
      throw new Error(`this host has no trigger of type ${fn.trigger.type}; in Azure the function runs`);
  }
}

/**
 * The app without the functions that are switched off, by `AzureWebJobs.<name>.Disabled` or by the list of functions
 * in `host.json`.
 *
 * @see https://learn.microsoft.com/azure/azure-functions/disable-function
 */
export function withoutDisabled(app: FunctionApp, settings: Settings, only: string[] | undefined): FunctionApp {
  const isOn = ({ name }: RegisteredFunction) =>
    !isTrue(settings[`AzureWebJobs.${name}.Disabled`] ?? settings[`AzureWebJobs_${name}_Disabled`]) &&
    (only === undefined || only.includes(name));
  return {
    functions: new Map([...app.functions].filter(([, fn]) => isOn(fn))),
    invoke: (fn, invocation) => app.invoke(fn, invocation),
    stop: () => app.stop(),
  };
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value?.toLowerCase() === "true";
}
