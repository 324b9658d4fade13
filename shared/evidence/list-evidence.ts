import { atOnce } from "../at-once.ts";
import { PermanentError } from "../errors.ts";
import { type CustodyEntry, type CustodyRecord, emptyRecord, standingOf } from "./custody-record.ts";
import type { Locker } from "./locker.ts";
import { EvidenceName, type Origin, type Piece } from "./piece.ts";

/** A piece of evidence as people are shown it. What stands in no record is left out. */
export interface EvidenceView extends Partial<Omit<Piece, "name" | "origin">>, Origin {
  name: string;
  bytes?: number;
  sha256?: string;
  storedAt?: string;
  storedBy?: string;
  /** `null`: without end. */
  keepUntil: string | null;
  /** Who refuses to change or remove it before that. */
  keptBy?: "blob service" | "app";
  isHeld: boolean;
  purgedAt: string | null;
  /** What is wrong with its record; empty when nothing is. */
  problems: string[];
}

export interface EvidenceInFull extends EvidenceView {
  /** Its chain of custody, the first first. */
  custody: CustodyEntry[];
  /** The hash of the last entry. */
  head: string;
}

const MOST_READ_AT_ONCE = 16;

/**
 * What is kept or has been, the newest first; also pieces that no record tells of.
 *
 * @param prefix of their names, e.g. the id of a machine
 */
export async function listEvidence({ pieces, custody }: Locker, prefix = ""): Promise<EvidenceView[]> {
  const names = new Set([...(await custody.names(prefix)), ...(await pieces.names(prefix))]);
  const views: EvidenceView[] = [];
  const reads = [...names].map(
    (name) => async () => void views.push(viewOf(name, (await custody.read(name)) ?? emptyRecord())),
  );
  await atOnce(MOST_READ_AT_ONCE, reads, "Some custody records could not be read");
  return views.sort((a, b) => (b.storedAt ?? "").localeCompare(a.storedAt ?? "") || a.name.localeCompare(b.name));
}

/** One piece, with all that happened to it; nothing where there is none of this name. */
export async function showEvidence({ pieces, custody }: Locker, name: string): Promise<EvidenceInFull | undefined> {
  if (!EvidenceName.safeParse(name).success) return undefined;
  const record = await custody.read(name);
  if (!record && !(await pieces.find(name))) return undefined;
  const { entries, head } = record ?? emptyRecord();
  return { ...viewOf(name, record ?? emptyRecord()), custody: entries, head };
}

function viewOf(name: string, record: CustodyRecord): EvidenceView {
  const { stored, isHeld, purgedAt = null } = standingOf(record);
  const standing = { isHeld, purgedAt, problems: record.entries.length > 0 ? record.problems : [NOT_ON_RECORD] };
  if (!stored) return { name, keepUntil: null, ...standing };
  const { piece, bytes, sha256, storedAt, keepUntil = null, keptBy, by } = stored;
  const { origin, ...about } = piece;
  return { ...about, ...origin, name, bytes, sha256, storedAt, storedBy: by, keepUntil, keptBy, ...standing };
}

const NOT_ON_RECORD = "There is no record of how it came here.";

export const notFound = (name: string): PermanentError =>
  new PermanentError("EvidenceNotFound", `There is no evidence ${name}; list shows what there is.`);
