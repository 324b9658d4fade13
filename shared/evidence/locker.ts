import type { ContainerClient } from "@azure/storage-blob";
import { type CustodyLog, createCustodyLog } from "./custody-log.ts";
import { createPieceBlobs, type PieceBlobs } from "./piece-blobs.ts";

/** Where evidence is: the pieces, beside them the record of each, and the clock that it is kept by. */
export interface Locker {
  pieces: PieceBlobs;
  custody: CustodyLog;
  now(): Date;
}

/** Connects to the evidence of a storage account, without calling it. */
export const connectLocker = (
  containerOf: (name: string) => ContainerClient,
  now: () => Date = () => new Date(),
): Locker => ({
  pieces: createPieceBlobs(containerOf("evidence")),
  custody: createCustodyLog(containerOf("evidence-custody")),
  now,
});

/** Who did something to a piece by hand, and why: it goes on record. */
export interface Why {
  by: string;
  reason: string;
}
