import { PermanentError } from "../errors.ts";
import { type CustodyRecord, standingOf } from "./custody-record.ts";
import type { Locker } from "./locker.ts";
import { EvidenceName, type Piece, type StoredEvidence } from "./piece.ts";
import type { PieceBlob, PieceLimit } from "./piece-blobs.ts";

/** How evidence is kept. */
export interface EvidenceSettings extends PieceLimit {
  /** Absent: without end. */
  retentionDays: number | undefined;
  policyMode: "Locked" | "Unlocked";
  /** Who stores it: the app, by the id it signs in with. */
  storedBy: string;
}

export interface EvidenceStore {
  /** How much is taken at most. */
  limit: PieceLimit;
  /** What is stored under this name, once it is there whole and on record. */
  find(name: string): Promise<StoredEvidence | undefined>;
  /**
   * Stores what the stream carries, with its SHA-256, and begins the custody record of it. Appears whole or not at all,
   * and is never replaced: what is there already is adopted, and the stream left alone. Memory stays flat.
   *
   * @throws PermanentError `ResultTooLarge`; `EvidenceGone` for a piece on record that is not there any more
   */
  store(piece: Piece, content: AsyncIterable<Uint8Array>): Promise<StoredEvidence>;
}

const DAY_MS = 86_400_000;

/** Evidence as blobs, each with its chain of custody. */
export function createEvidenceStore({ pieces, custody, now }: Locker, settings: EvidenceSettings): EvidenceStore {
  const { retentionDays, atMostBytes, advice } = settings;
  const described = (name: string, { bytes, sha256 }: Pick<PieceBlob, "bytes" | "sha256">): StoredEvidence => ({
    container: pieces.container,
    name,
    bytes,
    sha256,
  });

  return {
    limit: { atMostBytes, advice },

    async find(name) {
      const blob = await pieces.find(name);
      return blob && (await custody.read(name)) ? described(name, blob) : undefined;
    },

    async store(piece, content) {
      const name = EvidenceName.parse(piece.name);
      const found = await pieces.find(name);
      if (!found) refuseGone(name, await custody.read(name));
      const blob =
        found ??
        (await pieces.write(name, content, {
          ...settings,
          contentType: piece.contentType,
          labels: { runid: piece.runId, machineid: piece.machineId, machineactionid: piece.machineActionId },
          keepUntil: retentionDays === undefined ? undefined : new Date(now().getTime() + retentionDays * DAY_MS),
        }));
      const { bytes, sha256, storedAt, keepUntil, serviceKeepsUntil } = blob;
      await custody.append(name, ({ entries }) =>
        entries.length > 0
          ? undefined
          : {
              event: "stored",
              at: now().toISOString(),
              by: settings.storedBy,
              piece,
              bytes,
              sha256,
              storedAt: storedAt.toISOString(),
              ...(keepUntil !== undefined && { keepUntil }),
              keptBy: serviceKeepsUntil ? "blob service" : "app",
            },
      );
      return described(name, blob);
    },
  };
}

/** What was removed must not come back under the same record as if nothing had been. */
function refuseGone(name: string, record: CustodyRecord | undefined): void {
  if (!record) return;
  const { purgedAt } = standingOf(record);
  const how = purgedAt ? `was purged at ${purgedAt}` : "is on record and not there: somebody else has removed it";
  throw new PermanentError("EvidenceGone", `Evidence ${name} ${how}. It is not collected again under this name.`);
}
