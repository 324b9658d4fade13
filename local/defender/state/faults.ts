import { z } from "zod";
import { matchesPath } from "./pattern.ts";
import { createRandom, type Random } from "./seed/random.ts";

/**
 * What can be done to a call: `answer` replies with `status`, a code and a message; `html` replies with `status` and a
 * web page, as a gateway does; `hang` never replies; `drop` closes the connection and `reset` breaks it off; `truncate`
 * sends half of the real answer; `latency` sends the real answer `delayMs` later.
 */
const effects = ["answer", "html", "hang", "drop", "reset", "truncate", "latency"] as const;
export type FaultEffect = (typeof effects)[number];

/** What the next calls to a path are made to suffer. */
export const Fault = z.strictObject({
  /** Any method, if missing. */
  method: z.string().optional(),
  /** A path, with `*` for any run of characters, e.g. `/api/alerts/*`. The token endpoint counts too. */
  path: z.string().min(1),
  /** How many calls it hits. @default 1, or all of them with a `probability` */
  times: z.number().int().positive().optional(),
  /** Hits this share of the calls, from 0 to 1, drawn by the `seed`: the same calls are hit in every run. */
  probability: z.number().min(0).max(1).optional(),
  seed: z.number().int().default(1),
  effect: z.enum(effects),
  /** Whether the call takes effect before it goes wrong: the answer is lost, not the request. `truncate` and `latency` always do. */
  performed: z.boolean().default(false),
  status: z.number().int().min(100).max(599).default(500),
  headers: z.record(z.string(), z.string()).default({}),
  /** Code and message of the error body. */
  code: z.string().default("InternalServerError"),
  message: z.string().default("The simulator was told to fail this call."),
  /** By how much `latency` delays the answer, in real milliseconds. */
  delayMs: z.number().min(0).default(1000),
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

interface Waiting {
  fault: Fault;
  left: number;
  random: Random;
}

/** The faults still to come, in the order they were given. */
export function createFaults(): Faults {
  let waiting: Waiting[] = [];
  return {
    add(fault) {
      const times = fault.times ?? (fault.probability === undefined ? 1 : Number.POSITIVE_INFINITY);
      waiting.push({ fault, left: times, random: createRandom(fault.seed) });
    },
    take(method, path) {
      const hit = waiting.find((one) => hits(one, method, path));
      if (!hit) return undefined;
      hit.left -= 1;
      if (hit.left === 0) waiting = waiting.filter((other) => other !== hit);
      return hit.fault;
    },
    clear() {
      waiting = [];
    },
  };
}

/** Draws only for calls it fits, so that other calls do not change which ones are hit. */
function hits({ fault, random }: Waiting, method: string, path: string): boolean {
  const fits = (!fault.method || fault.method.toUpperCase() === method) && matchesPath(fault.path, path);
  return fits && (fault.probability === undefined || random.chance(fault.probability));
}
