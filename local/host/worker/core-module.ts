import { registerHooks } from "node:module";

/** What `@azure/functions` asks its host for under the name `@azure/functions-core`; the members it uses. */
export interface CoreModule {
  version: string;
  hostVersion: string;
  Disposable: typeof Disposable;
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable;
  setProgrammingModel(model: ProgrammingModel): void;
  getProgrammingModel(): ProgrammingModel | undefined;
  registerHook(name: string, callback: HookCallback): Disposable;
  log(level: string, category: string, message: string): void;
}

export interface FunctionMetadata {
  name: string;
  bindings: Record<string, Record<string, unknown>>;
  retryOptions?: object;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;
export type HookCallback = (context: Record<string, unknown>) => unknown;

/** The part of the library that turns a call of the host into a call of the app's function. */
export interface ProgrammingModel {
  name: string;
  version: string;
  getInvocationModel(context: object): InvocationModel;
  getCapabilities(capabilities: object): Promise<{ HttpUri?: string }>;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: unknown }>;
}

/** The library's own idea of something that can be taken back. */
export class Disposable {
  #onDispose: () => void;

  constructor(onDispose: () => void) {
    this.#onDispose = onDispose;
  }

  static from(...disposables: { dispose(): void }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): void {
    this.#onDispose();
    this.#onDispose = () => undefined;
  }
}

/** What registrations go to: the app that is being loaded. */
export interface Registry {
  register(metadata: FunctionMetadata, callback: FunctionCallback): () => void;
  hook(name: string, callback: HookCallback): () => void;
  log(level: string, category: string, message: string): void;
}

const NAME = "@azure/functions-core";
const WHERE = Symbol.for("defender-playbooks.functions-core");

let registry: Registry | undefined;
let model: ProgrammingModel | undefined;

/**
 * Makes `@azure/functions-core` resolve, for `import` and for `require`, and sends what an app registers to `to`.
 *
 * Must run before the app is loaded: the library asks once, and without an answer only prints warnings from then on. The
 * library keeps no list of functions itself, so that one process may load several apps one after the other.
 */
export function installCoreModule(to: Registry): void {
  registry = to;
  const globals = globalThis as unknown as Record<symbol, CoreModule | undefined>;
  if (globals[WHERE]) return;
  globals[WHERE] = coreModule;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === NAME ? { url: `functions-host:${NAME}`, shortCircuit: true } : next(specifier, context),
    load: (url, context, next) =>
      url === `functions-host:${NAME}`
        ? {
            format: "commonjs",
            source: `module.exports = globalThis[Symbol.for("${WHERE.description}")]`,
            shortCircuit: true,
          }
        : next(url, context),
  });
}

/** The programming model the library has given; it does so with the first registration. */
export function programmingModel(): ProgrammingModel | undefined {
  return model;
}

const coreModule: CoreModule = {
  version: "4.0.0",
  hostVersion: "4.1000.0",
  Disposable,
  registerFunction: (metadata, callback) => new Disposable(open().register(metadata, callback)),
  registerHook: (name, callback) => new Disposable(open().hook(name, callback)),
  setProgrammingModel(given) {
    model = given;
  },
  getProgrammingModel: () => model,
  log: (level, category, message) => registry?.log(level, category, message),
};

function open(): Registry {
  if (registry) return registry;
  throw new Error("Functions are registered while an app is loaded, not before.");
}
