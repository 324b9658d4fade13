import { z } from "zod";
import { AlertId } from "../defender/alerts/alert.ts";
import { MachineId } from "../defender/machines/machine.ts";
import { instantOf } from "../streaming/instant.ts";

const MOST_MACHINES = 500;
const LONGEST_TITLE = 200;

/** What is known of an alert so far, from however many records. */
export const AlertFacts = z.object({
  tenantId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, "a tenant id has letters, digits and - only"),
  alertId: AlertId,
  title: z
    .string()
    .transform((title) => title.slice(0, LONGEST_TITLE))
    .optional(),
  severity: z.string().max(32).optional(),
  /** The machines the alert says were hit. */
  machineIds: z.array(MachineId).max(MOST_MACHINES),
  /** Machines the alert calls merely related: they must not be cut off, whatever else names them. */
  relatedMachineIds: z.array(MachineId).max(MOST_MACHINES).default([]),
  /** When Defender published what is known, at the latest. ISO 8601. */
  publishedAt: z.string().optional(),
});
export type AlertFacts = z.infer<typeof AlertFacts>;

/** Puts together what several records say of the same alerts; the order does not matter. */
export function mergeFacts(all: readonly AlertFacts[]): AlertFacts[] {
  const merged = new Map<string, AlertFacts>();
  for (const facts of all) {
    const key = `${facts.tenantId}:${facts.alertId}`;
    const known = merged.get(key);
    merged.set(key, known ? together(known, facts) : facts);
  }
  return [...merged.values()];
}

const together = (a: AlertFacts, b: AlertFacts): AlertFacts => ({
  ...a,
  title: a.title ?? b.title,
  severity: a.severity ?? b.severity,
  machineIds: union(a.machineIds, b.machineIds),
  relatedMachineIds: union(a.relatedMachineIds, b.relatedMachineIds),
  publishedAt: later(a.publishedAt, b.publishedAt),
});

const union = (a: readonly MachineId[], b: readonly MachineId[]): MachineId[] => [...new Set([...a, ...b])];

function later(a: string | undefined, b: string | undefined): string | undefined {
  const time = (text: string | undefined) => (text === undefined ? undefined : instantOf(text)?.getTime()) ?? 0;
  return time(a) >= time(b) ? (a ?? b) : b;
}
