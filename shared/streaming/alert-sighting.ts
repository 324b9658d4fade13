import type { AlertId } from "../defender/alerts/alert.ts";
import { knownSeverity } from "../severity.ts";
import type { AlertEvidenceRow } from "./alert-rows.ts";
import { oneLine } from "./one-line.ts";
import type { AlertRecord } from "./stream-record.ts";
import { type EvidenceMachine, targetMachine } from "./target-machine.ts";

/** What one record says of an alert. Several sightings, in any order, make up what is known of it. */
export interface AlertSighting {
  tenantId: string;
  alertId: AlertId;
  table: "AlertInfo" | "AlertEvidence";
  /** In the stream's spelling if it is a known one, else as it came. */
  severity?: string;
  title?: string;
  categories: string[];
  serviceSource?: string;
  detectionSource?: string;
  /** MITRE ATT&CK ids, e.g. `T1059.001`. */
  attackTechniques: string[];
  /** The machine this record names, if it names one. */
  machine?: EvidenceMachine;
  /** The account this record names, if it names one. */
  account?: EvidenceAccount;
  /** What kind of evidence the record is, for AlertEvidence. */
  entityType?: string;
  /** When it happened, as Defender wrote it; see `instantOf`. */
  timestamp: string;
  /** When Defender published the record. */
  publishedAt?: string;
}

/** An account an alert's evidence names, by whichever of its names are known. */
export interface EvidenceAccount {
  upn?: string;
  domain?: string;
  account?: string;
}

/** Reads what a record says of its alert. Texts are cut to one printable line; ids have been checked. */
export function alertSighting(record: AlertRecord): AlertSighting {
  const { tenantId, time, row } = record;
  const about = {
    tenantId,
    alertId: row.AlertId,
    ...present("severity", knownSeverity(row.Severity) ?? row.Severity, 32),
    ...present("title", row.Title, 512),
    ...present("serviceSource", row.ServiceSource, 128),
    ...present("detectionSource", row.DetectionSource, 128),
    attackTechniques: techniquesIn(row.AttackTechniques),
    timestamp: oneLine(row.Timestamp, 64),
    ...present("publishedAt", time, 64),
  };
  if (record.kind === "alert-info") {
    return { ...about, table: "AlertInfo", categories: shortList([record.row.Category ?? ""]) };
  }

  const machine = targetMachine(record.row);
  return {
    ...about,
    table: "AlertEvidence",
    categories: shortList(record.row.Categories),
    ...(machine && { machine }),
    ...accountIn(record.row),
    ...present("entityType", record.row.EntityType, 64),
  };
}

function accountIn({ AccountUpn, AccountDomain, AccountName }: AlertEvidenceRow): { account?: EvidenceAccount } {
  const account = {
    ...present("upn", AccountUpn, LONGEST_NAME),
    ...present("domain", AccountDomain, LONGEST_NAME),
    ...present("account", AccountName, LONGEST_NAME),
  };
  return account.upn || account.account ? { account } : {};
}

/** More than any account's name has, so that one that was cut can be told. */
const LONGEST_NAME = 400;

/** Far more than an alert has; sightings are kept in run histories, where size counts. */
const MAX_ITEMS = 50;

const techniqueId = /\bT\d{4}(?:\.\d{3})?\b/g;

function techniquesIn(texts: readonly string[]): string[] {
  const ids = texts.slice(0, MAX_ITEMS).flatMap((text) => oneLine(text, 512).match(techniqueId) ?? []);
  return [...new Set(ids)].slice(0, MAX_ITEMS);
}

const shortList = (texts: readonly string[]): string[] =>
  texts
    .slice(0, MAX_ITEMS)
    .map((text) => oneLine(text, 128))
    .filter((text) => text !== "");

function present<Key extends string>(key: Key, text: string | undefined, atMost: number): { [K in Key]?: string } {
  const line = text === undefined ? "" : oneLine(text, atMost);
  return (line === "" ? {} : { [key]: line }) as { [K in Key]?: string };
}
