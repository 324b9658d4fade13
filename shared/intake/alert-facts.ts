import { z } from "zod";
import { AlertId } from "../defender/alerts/alert.ts";
import { MachineId } from "../defender/machines/machine.ts";
import { knownSeverity, Severity } from "../severity.ts";
import { instantOf } from "../streaming/instant.ts";

export const MOST_MACHINES = 500;
export const MOST_ITEMS = 50;
export const LONGEST_TITLE = 200;

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
  /** Those of them that evidence about the machine itself calls impacted: they were hit, whatever else is said of them. */
  impactedMachineIds: z.array(MachineId).max(MOST_MACHINES).default([]),
  /** Machines the alert calls merely related: they must not be cut off, unless other evidence calls them impacted. */
  relatedMachineIds: z.array(MachineId).max(MOST_MACHINES).default([]),
  /** All machines that were said to be hit, whatever else is said of them: from these it follows which were. */
  namedMachineIds: z.array(MachineId).max(MOST_MACHINES).default([]),
  /** When Defender published what is known, at the latest. ISO 8601. */
  publishedAt: z.string().optional(),
});
export type AlertFacts = z.infer<typeof AlertFacts>;

/**
 * Puts together what several records say of the same alerts. The outcome does not depend on the order, on how records were
 * put together before, or on whether some of them are there twice, because nobody can tell which of two came first: the
 * stream is unordered, and sources overtake each other.
 *
 * - Lists are united. Of what would be too many, those that come first in the alphabet stay.
 * - The higher severity counts, so that an alert that got worse is not taken for a mild one.
 * - Of two texts the longer one counts, which says more; of equally long ones, the one later in the alphabet. Ids of
 *   incidents only grow, so this gives the younger of two.
 * - A machine that evidence calls related was not hit because an alert or a process names it, only where evidence
 *   about the machine itself calls it impacted. Where more are related than can be kept, none is taken for hit that may
 *   be one of them.
 */
export function mergeFacts(all: readonly AlertFacts[]): AlertFacts[] {
  return [...Map.groupBy(all, ({ tenantId, alertId }) => `${tenantId}:${alertId}`).values()].map(together);
}

function together(all: readonly AlertFacts[]): AlertFacts {
  const [{ tenantId, alertId }] = all as readonly [AlertFacts];
  const union = <T extends string>(list: (facts: AlertFacts) => readonly T[], atMost: number): T[] =>
    [...new Set(all.flatMap(list))].sort().slice(0, atMost);
  const greatest = (text: (facts: AlertFacts) => string | undefined, rankOf: (text: string) => number) =>
    all.map(text).reduce((a, b) => greater(a, b, rankOf));

  const impactedMachineIds = union((facts) => facts.impactedMachineIds, MOST_MACHINES);
  const relatedMachineIds = union((facts) => facts.relatedMachineIds, MOST_MACHINES);
  const impacted = new Set(impactedMachineIds);
  // Where there were too many related ones to be kept, any that comes later in the alphabet may be one of them.
  const last = relatedMachineIds.length < MOST_MACHINES ? undefined : relatedMachineIds.at(-1);
  const isSpared = (id: MachineId) => !impacted.has(id) && (related.has(id) || (last !== undefined && id > last));
  const related = new Set(relatedMachineIds);
  const namedMachineIds = union((facts) => [...facts.machineIds, ...facts.namedMachineIds], MOST_MACHINES);
  return {
    tenantId,
    alertId,
    title: greatest((facts) => facts.title, byLength),
    severity: greatest((facts) => facts.severity, bySeverity),
    categories: union((facts) => facts.categories, MOST_ITEMS),
    serviceSource: greatest((facts) => facts.serviceSource, byLength),
    detectionSource: greatest((facts) => facts.detectionSource, byLength),
    techniques: union((facts) => facts.techniques, MOST_ITEMS),
    users: union((facts) => facts.users, MOST_ITEMS),
    incidentId: greatest((facts) => facts.incidentId, byLength),
    machineIds: namedMachineIds.filter((id) => !isSpared(id)),
    impactedMachineIds,
    relatedMachineIds,
    namedMachineIds,
    publishedAt: greatest((facts) => facts.publishedAt, byTime),
  };
}

/** The one with the higher rank; of two with the same, the one later in the alphabet, so that there is an order of all. */
function greater(a: string | undefined, b: string | undefined, rankOf: (text: string) => number): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const difference = rankOf(a) - rankOf(b);
  return difference > 0 || (difference === 0 && a > b) ? a : b;
}

const byLength = (text: string): number => text.length;
const byTime = (text: string): number => instantOf(text)?.getTime() ?? Number.MIN_SAFE_INTEGER;

/** A severity nobody knows is less than any known one. */
const bySeverity = (text: string): number => Severity.options.indexOf(knownSeverity(text) as Severity);
