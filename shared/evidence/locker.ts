import type { ContainerClient } from "@azure/storage-blob";
import { type CustodyLog, createCustodyLog } from "./custody-log.ts";
import { createPieceBlobs, type PieceBlobs } from "./piece-blobs.ts";

/** Where evidence is: the pieces, and beside them the record of each. */
export interface Locker {
  pieces: PieceBlobs;
  custody: CustodyLog;
}

/** Connects to the evidence of a storage account, without calling it. */
export const connectLocker = (containerOf: (name: string) => ContainerClient): Locker => ({
  pieces: createPieceBlobs(containerOf("evidence")),
  custody: createCustodyLog(containerOf("evidence-custody")),
});
