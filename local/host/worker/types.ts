/**
 * What the parts of the embedded host agree on. `worker/` loads the app and calls its functions, as the Node worker of
 * Azure Functions does; `durable/` runs orchestrations, activities and entities; `triggers/` turn the outside into calls.
 */

/** A value on its way into or out of a function; the first defined key wins. */
export interface TypedData {
  string?: string;
  json?: string;
  bytes?: Uint8Array;
  stream?: Uint8Array;
  http?: unknown;
  int?: number;
  double?: number;
  collectionBytes?: { bytes: Uint8Array[] };
  collectionString?: { string: string[] };
}

/** A binding as `@azure/functions` registered it: the app's own options plus `type` and `direction`. */
export interface Binding {
  name: string;
  type: string;
  direction: "in" | "out";
  [option: string]: unknown;
}

/** A function the app registered. Find its trigger by type: names of bindings are generated. */
export interface RegisteredFunction {
  name: string;
  bindings: Record<string, Binding>;
  /** The binding whose type ends in `Trigger`. */
  trigger: Binding;
  retryOptions?: RetryOptions;
}

/** The retry policy of a function, as the app declared it. */
export interface RetryOptions {
  maxRetryCount: number;
  retryStrategy?: string;
  strategy?: string;
  delayInterval?: { seconds: number };
  minimumInterval?: { seconds: number };
  maximumInterval?: { seconds: number };
}

export interface Invocation {
  /** The value of the trigger. Values of other inputs (`durableClient`) are added by the worker. */
  triggerData: TypedData;
  triggerMetadata?: Record<string, TypedData>;
  retryContext?: { retryCount: number; maxRetryCount: number };
}

/** How one call of a function ended. The `context` is there also after a failure, as durable orchestrations need it. */
export interface InvocationResult {
  /** The library's own `InvocationContext`. */
  context: unknown;
  returnValue?: TypedData | null | undefined;
  /** Set when the function threw. */
  error?: Error;
}

/** The loaded app: what it registered and the way to call it. */
export interface FunctionApp {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  invoke(fn: RegisteredFunction, invocation: Invocation): Promise<InvocationResult>;
  /** Runs the app's `appTerminate` hooks. */
  stop(): Promise<void>;
}
