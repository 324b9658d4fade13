import { randomUUID } from "node:crypto";
import { type FunctionCallback, programmingModel } from "./core-module.ts";
import type { WorkerLog } from "./function-app.ts";
import type { Hooks } from "./hooks.ts";
import type { Binding, Invocation, InvocationResult, RegisteredFunction, TypedData } from "./types.ts";

/** A registered function with the app's own code. */
export interface AppFunction extends RegisteredFunction {
  callback: FunctionCallback;
}

interface InvokerOptions {
  hooks: Hooks;
  extraInput: (binding: Binding) => TypedData | undefined;
  log: WorkerLog;
}

/**
 * Calls functions the way the worker does: arguments from the library, hooks, the function, hooks, response. An error of
 * the function is part of the result, since Durable needs what an orchestration did before it failed.
 */
export function createInvoker({ hooks, extraInput, log }: InvokerOptions) {
  return async function invoke(fn: AppFunction, invocation: Invocation): Promise<InvocationResult> {
    const model = programmingModel();
    if (!model) throw new Error("No app is loaded.");
    const invocationId = randomUUID();
    let invocationContext: unknown;
    const core = {
      invocationId,
      request: { invocationId, functionId: fn.name, ...requestOf(fn, invocation, extraInput) },
      metadata: { name: fn.name, bindings: fn.bindings },
      state: undefined as string | undefined,
      log(level: string, category: string, message: string) {
        const line = hooks.log({ level, category, message, invocationContext });
        log(line.level, line.message, { functionName: fn.name, invocationId, category });
      },
    };
    const call = model.getInvocationModel(core);
    const { context, inputs } = await call.getArguments();
    invocationContext = context;
    try {
      const result = await runWithHooks(hooks, core, call, context, inputs, fn.callback);
      const { returnValue } = await call.getResponse(context, result);
      return { context, returnValue: returnValue as TypedData | null | undefined };
    } catch (error) {
      return { context, error: error instanceof Error ? error : new Error(String(error), { cause: error }) };
    }
  };
}

function requestOf(fn: AppFunction, invocation: Invocation, extraInput: InvokerOptions["extraInput"]) {
  const inputData = [{ name: nameOf(fn.bindings, fn.trigger), data: invocation.triggerData }];
  for (const [name, binding] of Object.entries(fn.bindings)) {
    if (binding === fn.trigger || binding.direction !== "in") continue;
    const data = extraInput(binding);
    if (data) inputData.push({ name, data });
  }
  const { triggerMetadata = {}, retryContext } = invocation;
  return { inputData, triggerMetadata, ...(retryContext && { retryContext }) };
}

/** Inputs go by the key of the binding, which differs from its name for some. */
const nameOf = (bindings: Record<string, Binding>, binding: Binding): string =>
  Object.keys(bindings).find((name) => bindings[name] === binding) ?? binding.name;

async function runWithHooks(
  hooks: Hooks,
  core: { state: string | undefined },
  call: { invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown> },
  context: unknown,
  inputs: unknown[],
  callback: FunctionCallback,
): Promise<unknown> {
  if (!hooks.has("preInvocation") && !hooks.has("postInvocation")) {
    core.state = "invocation";
    return call.invokeFunction(context, inputs, callback);
  }
  const shared = { hookData: {}, appHookData: hooks.appHookData, invocationContext: context };
  const before = { ...shared, functionCallback: callback, inputs };
  core.state = "preInvocationHooks";
  await hooks.run("preInvocation", before);

  core.state = "invocation";
  const after: Record<string, unknown> = { ...shared, inputs: before.inputs, result: null, error: null };
  try {
    after.result = await call.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error;
  }
  core.state = "postInvocationHooks";
  await hooks.run("postInvocation", after);
  if (after.error !== null && after.error !== undefined) throw after.error;
  return after.result;
}
