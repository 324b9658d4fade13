import { z } from "zod";
import { AlertId } from "../defender/alerts/alert.ts";
import { MachineId } from "../defender/machines/machine.ts";
import { instantOf } from "../streaming/instant.ts";

const MOST_MACHINES = 500;
const MOST_ITEMS = 50;
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
  /** MITRE tactics and other categories, as Defender writes them: `LateralMovement`, `Malware`. */
  categories: z.array(z.string().max(128)).max(MOST_ITEMS).default([]),
  /** The product: `Microsoft Defender for Endpoint`. Spellings differ in spaces and case between surfaces. */
  serviceSource: z.string().max(128).optional(),
  /** The technology: `EDR`, `Antivirus`, `Custom detection`. */
  detectionSource: z.string().max(128).optional(),
  /** MITRE ATT&CK ids: `T1059.001`. */
  techniques: z.array(z.string().max(16)).max(MOST_ITEMS).default([]),
  /** Accounts in the alert, each as the most exact name that is known: UPN, else `domain\\account`, else account. */
  users: z.array(z.string().max(320)).max(MOST_ITEMS).default([]),
  /** The incident in Defender, which no streamed row names. */
  incidentId: z.string().max(64).optional(),
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
  categories: union(a.categories, b.categories).slice(0, MOST_ITEMS),
  serviceSource: a.serviceSource ?? b.serviceSource,
  detectionSource: a.detectionSource ?? b.detectionSource,
  techniques: union(a.techniques, b.techniques).slice(0, MOST_ITEMS),
  users: union(a.users, b.users).slice(0, MOST_ITEMS),
  incidentId: a.incidentId ?? b.incidentId,
  machineIds: union(a.machineIds, b.machineIds),
  relatedMachineIds: union(a.relatedMachineIds, b.relatedMachineIds),
  publishedAt: later(a.publishedAt, b.publishedAt),
});

const union = <T>(a: readonly T[], b: readonly T[]): T[] => [...new Set([...a, ...b])];

function later(a: string | undefined, b: string | undefined): string | undefined {
  const time = (text: string | undefined) => (text === undefined ? undefined : instantOf(text)?.getTime()) ?? 0;
  return time(a) >= time(b) ? (a ?? b) : b;
}
