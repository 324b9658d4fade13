import { z } from "zod";
import { AlertId } from "../defender/alert.ts";
import { MachineId } from "../defender/machine.ts";

/** What is known of an alert so far, from however many records. */
export const AlertFacts = z.object({
  tenantId: z.string().min(1),
  alertId: AlertId,
  title: z.string().optional(),
  severity: z.string().optional(),
  /** The machines the alert says were hit. Machines merely related to it are left out: they must not be cut off. */
  machineIds: z.array(MachineId),
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
  machineIds: [...new Set([...a.machineIds, ...b.machineIds])],
  publishedAt: [a.publishedAt, b.publishedAt]
    .filter((time) => time !== undefined)
    .sort()
    .at(-1),
});
