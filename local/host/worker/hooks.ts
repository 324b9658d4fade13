import type { HookCallback } from "./core-module.ts";

const NAMES = ["appStart", "appTerminate", "preInvocation", "postInvocation", "log"] as const;
type HookName = (typeof NAMES)[number];

/** A line on its way to the log. */
export interface LogLine {
  level: string;
  /** `user` for what the app itself has to say. */
  category: string;
  message: string;
  /** The call it was written in, if any. */
  invocationContext?: unknown;
}

/** The hooks an app has registered, run one after the other in that order. */
export interface Hooks {
  add(name: string, callback: HookCallback): () => void;
  run(name: Exclude<HookName, "log">, context: Record<string, unknown>): Promise<void>;
  /** Shows a line to the `log` hooks, which may change the level and message of what the app itself has to say. */
  log(line: LogLine): LogLine;
  /** Whether there is any of this name; without one, nothing needs to be prepared for it. */
  has(name: HookName): boolean;
  /** Shared by all hooks of the app for as long as it runs. */
  readonly appHookData: object;
  /** Shared by the hooks at its start and at its end. */
  readonly startAndEndData: object;
}

export function createHooks(): Hooks {
  const callbacks = new Map<HookName, HookCallback[]>(NAMES.map((name) => [name, []]));
  const logHookData = {};
  let isLogging = false;

  return {
    appHookData: {},
    startAndEndData: {},
    add(name, callback) {
      const own = callbacks.get(name as HookName);
      if (!own) throw unknownHook(name);
      own.push(callback);
      return () => void own.splice(own.indexOf(callback), 1);
    },
    has: (name) => (callbacks.get(name)?.length ?? 0) > 0,
    async run(name, context) {
      for (const callback of callbacks.get(name) ?? []) await callback(context);
    },
    log(line) {
      const own = callbacks.get("log") ?? [];
      // What a hook itself logs would come back to it for ever.
      if (isLogging || own.length === 0) return line;
      const context = { ...line, hookData: logHookData };
      isLogging = true;
      try {
        for (const callback of own) callback(context);
      } finally {
        isLogging = false;
      }
      return line.category === "user" ? { ...line, level: context.level, message: context.message } : line;
    },
  };
}

/** The library takes an error with this mark for "this host is too old for that hook". */
const unknownHook = (name: string): Error =>
  Object.assign(new RangeError(`This host has no hook "${name}".`), { isAzureFunctionsSystemError: true });
