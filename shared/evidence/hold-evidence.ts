import { PermanentError } from "../errors.ts";
import { type CustodyEntry, type CustodyRecord, standingOf } from "./custody-record.ts";
import { notFound } from "./list-evidence.ts";
import type { Locker, Why } from "./locker.ts";
import { EvidenceName } from "./piece.ts";

/**
 * Puts a piece on legal hold: nothing purges it until the hold ends, whatever its retention. Where the blob service can
 * hold blobs it refuses to everybody; else the app does.
 *
 * Safe to repeat: a piece that is held stays so, and its record is left alone.
 *
 * @throws PermanentError `EvidenceNotFound`, `EvidenceGone` for a piece that was purged
 * @see https://learn.microsoft.com/en-us/azure/storage/blobs/immutable-legal-hold-overview
 */
export async function holdEvidence(locker: Locker, name: string, why: Why): Promise<void> {
  await change(locker, name, { event: "held", ...why });
  await locker.pieces.setHold(name, true);
}

/** Ends the legal hold of a piece; its retention goes on. Safe to repeat. @throws as {@link holdEvidence} */
export async function unholdEvidence(locker: Locker, name: string, why: Why): Promise<void> {
  await change(locker, name, { event: "unheld", ...why });
  await locker.pieces.setHold(name, false);
}

async function change(
  { custody, now }: Locker,
  name: string,
  { event, by, reason }: Why & { event: "held" | "unheld" },
): Promise<void> {
  if (!EvidenceName.safeParse(name).success) throw notFound(name);
  await custody.append(name, (record): CustodyEntry | undefined => {
    const { isHeld } = standingThere(name, record);
    return isHeld === (event === "held") ? undefined : { event, at: now().toISOString(), by, reason };
  });
}

/** How a piece stands that must be there. @throws PermanentError */
export function standingThere(name: string, record: CustodyRecord) {
  const standing = standingOf(record);
  if (record.entries.length === 0) throw notFound(name);
  if (!standing.purgedAt) return standing;
  throw new PermanentError("EvidenceGone", `Evidence ${name} was purged at ${standing.purgedAt}.`);
}
