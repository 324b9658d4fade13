import type { Mode } from "../../shared/mode.ts";
import {
  ALERT_CONTAINERS,
  type ExportAccount,
  type ExportBlob,
} from "../../shared/sources/storage-export/export-account.ts";
import { type Line, type Piece, readLines } from "../../shared/sources/storage-export/read-lines.ts";
import { readPiece } from "../../shared/sources/storage-export/take-in-export.ts";
import type { Api } from "../api.ts";
import { type Counts, count, NOTHING } from "./counts.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A message must not be larger than one of the stream. */
const MESSAGE_BYTES = 512 * 1024;
const MESSAGE_RECORDS = 500;
const LONGEST_LINE = 1000 * 1024;

export interface StorageReplay {
  account: ExportAccount;
  api: Pick<Api, "takeIn">;
  from: Date;
  to: Date;
  mode: Mode;
}

/** An hour of the export that was gone through. */
export interface Hour extends Counts {
  hour: Date;
  rows: number;
  /** What cannot be used, with its blob and place. */
  rejected: { source: string; reasons: string[] }[];
}

/**
 * Has the app take in an export again, hour by hour from the oldest. The export is kept by the hour, so whole hours are
 * taken in. Safe to repeat.
 *
 * @throws Error when storage or the app fail: all hours that were given back were taken in
 */
export async function* replayStorage(replay: StorageReplay): AsyncGenerator<Hour, void> {
  for (const [at, blobs] of await blobsByHour(replay)) {
    const hour: Hour = { hour: new Date(at), rows: 0, rejected: [], ...NOTHING };
    for (const blob of blobs) await replayBlob(blob, replay, hour);
    yield hour;
  }
}

async function blobsByHour({ account, from, to }: StorageReplay): Promise<[number, ExportBlob[]][]> {
  const first = Math.floor(from.getTime() / HOUR_MS) * HOUR_MS;
  const blobs: ExportBlob[] = [];
  for (const container of ALERT_CONTAINERS) {
    for (const day of await account.days(container, from, to)) blobs.push(...(await account.list(container, day)));
  }
  const meant = blobs.filter(({ hour }) => hour.getTime() >= first && hour < to);
  return [...Map.groupBy(meant, ({ hour }) => hour.getTime())].sort(([a], [b]) => a - b);
}

async function replayBlob(blob: ExportBlob, { account, api, mode, from }: StorageReplay, hour: Hour): Promise<void> {
  const read = (offset: number, count: number) => account.read(blob, offset, count);
  const pieces = readLines({
    read,
    from: { offset: 0, isInLongLine: false },
    size: blob.size,
    longestLine: LONGEST_LINE,
    pieceSize: 2 * LONGEST_LINE,
  });
  // Defender publishes a row after its event; only clocks that differ may have it look older than the hour.
  const oldest = new Date(from.getTime() - DAY_MS);
  for await (const piece of pieces) {
    const { lines, rejected } = sift(blob, piece);
    hour.rows += lines.length;
    hour.rejected.push(...rejected.map(({ source, reasons }) => ({ source, reasons })));
    for (const message of messagesOf(lines)) count(hour, await api.takeIn(message, { mode, oldest }));
  }
}

/** The lines that can be used, and why others cannot. */
function sift(blob: ExportBlob, piece: Piece) {
  const { rejected } = readPiece(blob, piece, LONGEST_LINE);
  const bad = new Set(rejected.map(({ source }) => source));
  const lines = piece.lines.filter(({ offset }) => !bad.has(`${blob.container}/${blob.name}/${offset}`));
  return { lines, rejected };
}

/** Messages as the stream has them; a line of nearly their size goes alone. */
function* messagesOf(lines: readonly Line[]): Generator<string> {
  let records: string[] = [];
  let size = 0;
  for (const { bytes } of lines) {
    const isFull = size + bytes.length > MESSAGE_BYTES || records.length === MESSAGE_RECORDS;
    if (isFull && records.length > 0) {
      yield `{"records":[${records.join(",")}]}`;
      records = [];
      size = 0;
    }
    records.push(Buffer.from(bytes).toString("utf8"));
    size += bytes.length;
  }
  if (records.length > 0) yield `{"records":[${records.join(",")}]}`;
}
