import { knownSeverity } from "../severity.ts";
import { oneLine } from "../streaming/one-line.ts";
import { AlertFacts, LONGEST_TITLE, MOST_ITEMS, MOST_MACHINES, mergeFacts } from "./alert-facts.ts";
import { detectionSourceOf, serviceSourceOf } from "./source-names.ts";

type Said = string | null | undefined;

/** What a source says of an alert, in the source's own spelling and in any order; what is empty is not known. */
export interface SaidOfAlert {
  tenantId: string;
  alertId: string;
  title?: Said;
  severity?: Said;
  categories?: readonly Said[];
  serviceSource?: Said;
  detectionSource?: Said;
  /** Texts with MITRE ATT&CK ids in them: `T1059.001`, `PowerShell (T1059.001)`. */
  techniques?: readonly Said[];
  users?: readonly SaidAccount[];
  incidentId?: string | number | null | undefined;
  machineIds?: readonly string[];
  impactedMachineIds?: readonly string[];
  relatedMachineIds?: readonly string[];
  publishedAt?: Said;
}

/** An account by whichever of its names are known. */
export interface SaidAccount {
  upn?: Said;
  domain?: Said;
  account?: Said;
}

/**
 * Writes what a source says in the form that is the same for all sources: texts on one printable line and cut to their
 * limits, lists sorted, each item once, known names in the stream's spelling.
 *
 * @throws ZodError when tenant, alert or a machine have an id that is none
 */
export function normalForm(said: SaidOfAlert): AlertFacts {
  const facts = AlertFacts.parse({
    tenantId: said.tenantId.toLowerCase(),
    alertId: said.alertId,
    title: line(said.title, LONGEST_TITLE),
    severity: severityOf(line(said.severity, 32)),
    categories: linesOf(said.categories),
    serviceSource: serviceSourceOf(line(said.serviceSource, 128)),
    detectionSource: detectionSourceOf(line(said.detectionSource, 128)),
    techniques: techniquesIn(said.techniques),
    users: listOf((said.users ?? []).map(userName)),
    incidentId: line(String(said.incidentId ?? ""), 64),
    machineIds: listOf(said.machineIds, MOST_MACHINES),
    impactedMachineIds: listOf(said.impactedMachineIds, MOST_MACHINES),
    relatedMachineIds: listOf(said.relatedMachineIds, MOST_MACHINES),
    publishedAt: line(said.publishedAt, 64),
  });
  return mergeFacts([facts])[0] ?? facts;
}

/** UPN, else `domain\account`, else account. A name too long is left out: cut short it would be somebody else's. */
function userName({ upn, domain, account }: SaidAccount): string {
  const name = account && domain ? `${domain}\\${account}` : account;
  const exact = (upn || name || "").trim();
  return exact.length > LONGEST_USER ? "" : line(exact, LONGEST_USER) || "";
}

const LONGEST_USER = 320;

/** In the stream's spelling; what APIs write where they cannot say is no severity. */
function severityOf(text: string | undefined): string | undefined {
  const saysNothing = /^un(?:known(?:futurevalue)?|specified)$/i.test(text ?? "");
  return saysNothing ? undefined : (knownSeverity(text) ?? text);
}

/** Far more text than a technique has around its id. */
const LONGEST_TECHNIQUE = 512;
const techniqueId = /\bT\d{4}(?:\.\d{3})?\b/g;

const techniquesIn = (texts: readonly Said[] = []): string[] =>
  listOf(texts.slice(0, MOST_ITEMS).flatMap((text) => line(text, LONGEST_TECHNIQUE)?.match(techniqueId) ?? []));

const linesOf = (texts: readonly Said[] = []): string[] =>
  listOf(texts.slice(0, MOST_ITEMS).map((text) => line(text, 128) ?? ""));

const listOf = (texts: readonly string[] = [], atMost = MOST_ITEMS): string[] =>
  [...new Set(texts.filter((text) => text !== ""))].sort().slice(0, atMost);

function line(text: Said, atMost: number): string | undefined {
  return (text && oneLine(text, atMost)) || undefined;
}
