import { z } from "zod";
import { matchesPath } from "./pattern.ts";

/** What the next calls to a path are made to suffer. */
export const Fault = z.strictObject({
  /** Any method, if missing. */
  method: z.string().optional(),
  /** A path, with `*` for any run of characters, e.g. `/api/alerts/*`. The token endpoint counts too. */
  path: z.string().min(1),
  /** How many calls it hits. */
  times: z.number().int().positive().default(1),
  /** `answer` replies with `status`; `hang` never replies; `drop` closes the connection. */
  effect: z.enum(["answer", "hang", "drop"]),
  /** Whether the call takes effect before it goes wrong: the answer is lost, not the request. */
  performed: z.boolean().default(false),
  status: z.number().int().min(100).max(599).default(500),
  headers: z.record(z.string(), z.string()).default({}),
  /** Code and message of the error body. */
  code: z.string().default("InternalServerError"),
  message: z.string().default("The simulator was told to fail this call."),
});
export type Fault = z.infer<typeof Fault>;
/** A fault as the control API takes it. */
export type FaultOrder = z.input<typeof Fault>;

export interface Faults {
  add(fault: Fault): void;
  /** The fault that hits this call, which then counts as spent. */
  take(method: string, path: string): Fault | undefined;
  clear(): void;
}

/** The faults still to come, in the order they were given. */
export function createFaults(): Faults {
  let waiting: { fault: Fault; left: number }[] = [];
  return {
    add: (fault) => void waiting.push({ fault, left: fault.times }),
    take(method, path) {
      if (waiting.length === 0) return undefined;
      const next = waiting.find(
        ({ fault }) => (!fault.method || fault.method.toUpperCase() === method) && matchesPath(fault.path, path),
      );
      if (!next) return undefined;
      next.left -= 1;
      if (next.left === 0) waiting = waiting.filter((other) => other !== next);
      return next.fault;
    },
    clear() {
      waiting = [];
    },
  };
}
