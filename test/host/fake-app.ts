import type { FunctionApp, Invocation, RegisteredFunction, TypedData } from "../../local/host/worker/types.ts";

export interface FakeFunction {
  name: string;
  trigger: { type: string; [option: string]: unknown };
  retryOptions?: RegisteredFunction["retryOptions"];
  handler(invocation: Invocation): Promise<TypedData | undefined> | TypedData | undefined;
}

/** An app of plain functions on the host's own data, for what the triggers do before and after a call. */
export function fakeApp(...functions: FakeFunction[]): FunctionApp {
  const registered = functions.map(({ name, trigger, retryOptions }) => {
    const binding = { name: "input", direction: "in" as const, ...trigger };
    return { name, bindings: { input: binding }, trigger: binding, ...(retryOptions && { retryOptions }) };
  });
  return {
    functions: new Map(registered.map((fn) => [fn.name, fn])),
    async invoke(fn, invocation) {
      const handler = functions.find(({ name }) => name === fn.name)?.handler;
      try {
        return { context: {}, returnValue: await handler?.(invocation) };
      } catch (error) {
        return { context: {}, error: error instanceof Error ? error : new Error(String(error)) };
      }
    },
    stop: async () => {},
  };
}
