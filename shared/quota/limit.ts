import type { Limit } from "../defender/limits.ts";

export type { Limit } from "../defender/limits.ts";

/** The share of a limit that this app may use; at least one call, as none would stop everything. */
export function scaleLimit(limit: Limit, scale: number): Limit {
  const scaled = Object.entries(limit).map(([per, calls]: [string, number]) => [
    per,
    Math.max(1, Math.floor(calls * scale)),
  ]);
  return Object.fromEntries(scaled) as Limit;
}
