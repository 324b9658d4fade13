import type { HookCallback } from "./core-module.ts";

const NAMES = ["appStart", "appTerminate", "preInvocation", "postInvocation", "log"] as const;
type HookName = (typeof NAMES)[number];

/** The hooks an app has registered, run one after the other in that order. */
export interface Hooks {
  add(name: string, callback: HookCallback): () => void;
  run(name: HookName, context: Record<string, unknown>): Promise<void>;
  /** Whether there is any of this name; without one, nothing needs to be prepared for it. */
  has(name: HookName): boolean;
  /** Shared by all hooks of the app for as long as it runs. */
  readonly appHookData: object;
}

export function createHooks(): Hooks {
  const callbacks = new Map<HookName, HookCallback[]>(NAMES.map((name) => [name, []]));

  return {
    appHookData: {},
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
  };
}

/** The library takes an error with this mark for "this host is too old for that hook". */
const unknownHook = (name: string): Error =>
  Object.assign(new RangeError(`This host has no hook "${name}".`), { isAzureFunctionsSystemError: true });
