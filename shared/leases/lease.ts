import { z } from "zod";
import { MachineId } from "../defender/machines/machine.ts";

/**
 * What is contained, since when and until when.
 *
 * `queued`: the isolation was asked for, and the device is away. `held`: it is in force. `releasing`: its end has come,
 * or somebody asked for it. `ended`: it is over, `ending` says how.
 */
export const LeaseState = z.enum(["queued", "held", "releasing", "ended"]);
export type LeaseState = z.infer<typeof LeaseState>;

/** The isolation of one machine, as this app asked for it. */
export const Lease = z.object({
  machineId: MachineId,
  /** The run that contained the machine. */
  runId: z.string(),
  machineActionId: z.string().optional(),
  alertId: z.string().optional(),
  /** Whose case has the alerts that joined the run, and those that share the isolation; earlier builds did not keep it. */
  ofCase: z.object({ tenantId: z.string(), playbook: z.string() }).optional(),
  /** Runs that found the machine isolated by this one: what becomes of it concerns them too. */
  sharedWith: z.array(z.object({ runId: z.string(), alertId: z.string().optional() })).optional(),
  /** What it was asked by: a playbook, or a person who moved its end. */
  by: z.string(),
  state: LeaseState,
  startedAt: z.iso.datetime(),
  /** Absent: it has no end. */
  until: z.iso.datetime().optional(),
  /** When its release began; earlier builds did not keep it. */
  releasingSince: z.iso.datetime().optional(),
  /** The run that sees to its end; absent while it has none. */
  holdRunId: z.string().optional(),
  /** The event under which that run waits to be told of changes. */
  event: z.string().optional(),
  /** Goes up with each change that the run must know of. */
  revision: z.int().nonnegative(),
  /** Why it is released before its end. */
  reason: z.string().optional(),
  ending: z.string().optional(),
});
export type Lease = z.infer<typeof Lease>;

export const isOver = (lease: Lease | undefined): boolean => lease === undefined || lease.state === "ended";

const HOUR_MS = 3_600_000;

/** What the policy says about ends; `mostHours` 0 = any. */
export interface LeaseBounds {
  mostHours: number;
}

/** An end as the policy allows it: never later than the most hours after the start. */
export function boundedEnd(startedAt: string, untilMs: number, { mostHours }: LeaseBounds): string {
  const latest = mostHours > 0 ? Date.parse(startedAt) + mostHours * HOUR_MS : Number.POSITIVE_INFINITY;
  return new Date(Math.min(untilMs, latest)).toISOString();
}

/** The end so many hours after a time; 0 = no end, unless the policy has a most. */
export function endAfter(startedAt: string, hours: number, bounds: LeaseBounds): string | undefined {
  if (hours === 0 && bounds.mostHours === 0) return undefined;
  const untilMs = hours === 0 ? Number.POSITIVE_INFINITY : Date.parse(startedAt) + hours * HOUR_MS;
  return boundedEnd(startedAt, untilMs, bounds);
}
