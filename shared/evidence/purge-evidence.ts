import { messageOf } from "../errors.ts";
import { type CustodyRecord, type Standing, standingOf } from "./custody-record.ts";
import type { Locker } from "./locker.ts";
import type { PieceBlob } from "./piece-blobs.ts";

/** A piece whose retention has ended, and what came of it. */
export interface Purged {
  name: string;
  /** `due`: would be purged, as only a look was asked for. */
  outcome: "purged" | "due" | "kept" | "failed";
  reason: string;
}

/**
 * Removes the pieces whose retention has ended and that nobody holds. Their records stay, and say that they were purged.
 * Pieces without an end, or without a record, are never touched; nor is one whose record is not as it was written.
 *
 * Safe to repeat: what was interrupted is brought to its end. One piece that fails does not keep it from the others.
 *
 * @param options.isDry only says what would be removed
 */
export async function purgeEvidence(
  locker: Locker,
  { by, isDry = false }: { by: string; isDry?: boolean },
): Promise<Purged[]> {
  const purged: Purged[] = [];
  for (const name of await locker.custody.names()) {
    const outcome = await purgePiece(locker, name, { by, isDry }).catch(
      (error: unknown) => ({ outcome: "failed", reason: messageOf(error) }) as const,
    );
    if (outcome) purged.push({ name, ...outcome });
  }
  return purged;
}

async function purgePiece(
  { pieces, custody, now }: Locker,
  name: string,
  { by, isDry }: { by: string; isDry: boolean },
): Promise<Omit<Purged, "name"> | undefined> {
  const record = await custody.read(name);
  if (!record) return undefined;
  const standing = standingOf(record);
  if (!isPastRetention(standing, now())) return undefined;
  if (standing.purgedAt && (await pieces.isGone(name))) return undefined;
  const blob = await pieces.find(name);
  const kept = reasonToKeep(record, blob, now());
  if (kept) return { outcome: "kept", reason: kept };
  const reason = `Its retention ended at ${standing.stored?.keepUntil}`;
  if (isDry) return { outcome: "due", reason };

  // On record first, and only while nobody holds it: a hold that comes at this moment either prevents it or is refused.
  const after = await custody.append(name, (current) => {
    const isDue = isPastRetention(standingOf(current), now()) && !reasonToKeep(current, blob, now());
    const isNew = standingOf(current).purgedAt === undefined;
    return isDue && isNew ? { event: "purged", at: now().toISOString(), by, reason } : undefined;
  });
  if (!standingOf(after).purgedAt) return { outcome: "kept", reason: "It was put on hold at this moment" };
  await pieces.remove(name);
  return { outcome: "purged", reason };
}

const isPastRetention = ({ stored }: Standing, now: Date): boolean =>
  stored?.keepUntil !== undefined && Date.parse(stored.keepUntil) <= now.getTime();

function reasonToKeep(record: CustodyRecord, blob: PieceBlob | undefined, now: Date): string | undefined {
  if (record.problems.length > 0) return `A person must look at its record first: ${record.problems.join(" ")}`;
  if (standingOf(record).isHeld) return "It is on legal hold";
  if (blob?.isHeldByService) return "The blob service has it on legal hold";
  const until = blob?.serviceKeepsUntil;
  return until && until > now ? `The blob service keeps it until ${until.toISOString()}` : undefined;
}
