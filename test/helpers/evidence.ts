import { createEvidenceStore, type EvidenceSettings } from "../../shared/evidence/evidence-store.ts";
import { connectLocker } from "../../shared/evidence/locker.ts";
import { Piece } from "../../shared/evidence/piece.ts";
import { connectStorage } from "../../shared/storage/connect-storage.ts";
import { ownStorage } from "../../shared/storage/storage-settings.ts";
import { ALERT_ID, COLLECTION_ID, MACHINE_ID } from "./builders.ts";

export const PIECE_NAME = `${MACHINE_ID}/${COLLECTION_ID}.zip`;

export const aPiece = (changes: object = {}): Piece =>
  Piece.parse({
    name: PIECE_NAME,
    kind: "investigation-package",
    contentType: "application/zip",
    machineId: MACHINE_ID,
    machineActionId: COLLECTION_ID,
    runId: "run-1",
    alertId: ALERT_ID,
    origin: { machineName: "fin-laptop-07.contoso.example", comment: "[run-1] For alert da1" },
    ...changes,
  });

/** A piece of content in chunks, and how much of it was taken. */
export function aDownload(chunks: readonly (Uint8Array | Error)[]) {
  const download = {
    taken: 0,
    async *[Symbol.asyncIterator]() {
      for (const chunk of chunks) {
        if (chunk instanceof Error) throw chunk;
        download.taken += chunk.byteLength;
        yield chunk;
      }
    },
  };
  return download;
}

/**
 * The real stores in a storage account, in containers of their own, with the clock in the test's hands.
 *
 * @param prefix of the names of the containers, as tests share the account
 */
export function evidenceIn(connectionString: string, prefix: string, settings: Partial<EvidenceSettings> = {}) {
  const { containerOf } = connectStorage(ownStorage({ AzureWebJobsStorage: connectionString }));
  const clock = { now: new Date("2026-01-05T09:00:00Z") };
  const locker = connectLocker(
    (name) => containerOf(`${prefix}-${name}`),
    () => clock.now,
  );
  const store = createEvidenceStore(locker, {
    retentionDays: 30,
    atMostBytes: 100_000_000,
    advice: "EVIDENCE_MAX_MB is 100: raise it.",
    policyMode: "Unlocked",
    storedBy: "app 1234",
    ...settings,
  });
  return {
    ...locker,
    locker,
    store,
    clock,
    pieceBlob: (name: string) => containerOf(`${prefix}-evidence`).getBlockBlobClient(name),
    custodyBlob: (name: string) => containerOf(`${prefix}-evidence-custody`).getAppendBlobClient(`${name}.jsonl`),
  };
}
