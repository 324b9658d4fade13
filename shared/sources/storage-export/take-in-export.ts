import type { DeadLetter } from "../../dead-letters/dead-letter-store.ts";
import { MAX_JSON_BYTES } from "../../exact-json.ts";
import { readAlerts } from "../../intake/read-alerts.ts";
import type { ReadAlerts, TakeIn } from "../../intake/take-in.ts";
import type { Cursor, ExportCursors } from "./cursors.ts";
import { ALERT_CONTAINERS, type ExportAccount, type ExportBlob } from "./export-account.ts";
import { type Line, type Piece, type Place, readLines } from "./read-lines.ts";

const HOUR_MS = 3_600_000;

/** How much is read and taken in at once: some thousand rows. */
const PIECE_BYTES = 2 * MAX_JSON_BYTES;

export interface TakeInExport {
  account: ExportAccount;
  cursors: ExportCursors;
  takeIn: TakeIn;
  /** Blobs of older hours are not looked at again. A row stands in the hour of its event, which may be a day ago. */
  lookBackHours: number;
  /** When to stop for now; the rest is left for the next time. */
  until: Date;
  now?: () => Date;
  longestLine?: number;
  pieceSize?: number;
}

/** What was taken in. */
export interface ExportTaken {
  blobs: number;
  bytes: number;
  rejected: number;
  /** Whether nothing is left for the next time. */
  isAll: boolean;
}

/**
 * Takes in what Defender has added to its export to Azure Storage, youngest hours first. A cursor moves when all before
 * it was taken in, so what fails, or is cut off by a crash, is read again: that is safe, as intake is.
 *
 * After a long stop it goes back to where it stood, however long ago that was.
 *
 * @throws AggregateError when some blobs could not be read or taken in: all the others were
 */
export async function takeInExport(source: TakeInExport): Promise<ExportTaken> {
  const { cursors, lookBackHours, until, now = () => new Date() } = source;
  const startedAt = now();
  const before = (await cursors.allReadAt()) ?? startedAt;
  const oldest = new Date(Math.min(before.getTime(), startedAt.getTime()) - lookBackHours * HOUR_MS);
  const taken = { blobs: 0, bytes: 0, rejected: 0, isAll: true };
  const failures: unknown[] = [];

  for (const grown of await grownBlobs(source, oldest, startedAt)) {
    try {
      const isWhole = now() < until && (await takeInBlob(grown, source, taken));
      if (!isWhole) taken.isAll = false;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} export blobs could not be taken in`);
  if (taken.isAll) await cursors.keepAllReadAt(startedAt);
  return taken;
}

interface Grown {
  blob: ExportBlob;
  cursor: Cursor | undefined;
}

async function grownBlobs({ account, cursors }: TakeInExport, oldest: Date, now: Date): Promise<Grown[]> {
  const grown: Grown[] = [];
  // Clocks differ: Defender may have begun the next hour.
  const newest = new Date(now.getTime() + HOUR_MS);
  for (const container of ALERT_CONTAINERS) {
    for (const day of await account.days(container, oldest, newest)) {
      const [blobs, known] = await Promise.all([account.list(container, day), cursors.ofDay(container, day)]);
      const ofInterest = blobs.filter(({ hour }) => hour.getTime() > oldest.getTime() - HOUR_MS);
      const withCursors = ofInterest.map((blob) => ({ blob, cursor: known.get(blob.name) }));
      grown.push(...withCursors.filter(({ blob, cursor }) => placeIn(blob, cursor).offset < blob.size));
    }
  }
  return grown.sort((a, b) => b.blob.hour.getTime() - a.blob.hour.getTime());
}

const BEGINNING: Place = { offset: 0, isInLongLine: false };

/** Where to read on. A blob that is shorter than it was, or was made at another time, has replaced the one that was read. */
function placeIn(blob: ExportBlob, cursor: Cursor | undefined): Place {
  const isSame = cursor && cursor.createdAt === blob.createdAt && cursor.offset <= blob.size;
  return isSame ? cursor : BEGINNING;
}

/** @returns whether the blob was taken in as far as it went */
async function takeInBlob({ blob, cursor }: Grown, source: TakeInExport, taken: ExportTaken): Promise<boolean> {
  const { account, cursors, takeIn, until, now = () => new Date() } = source;
  const { longestLine = MAX_JSON_BYTES, pieceSize = PIECE_BYTES } = source;
  const from = placeIn(blob, cursor);
  const read = (offset: number, count: number) => account.read(blob, offset, count);

  taken.blobs++;
  let { offset } = from;
  for await (const piece of readLines({ read, from, size: blob.size, longestLine, pieceSize })) {
    const batch = readPiece(blob, piece, longestLine);
    await takeIn(batch);
    await cursors.move(blob, piece.next);
    taken.rejected += batch.rejected.length;
    taken.bytes += piece.next.offset - offset;
    offset = piece.next.offset;
    if (now() >= until) return offset === blob.size;
  }
  return true;
}

/** What the lines of an export blob say. */
export function readPiece(blob: ExportBlob, { lines, tooLong }: Piece, longestLine: number): ReadAlerts {
  const sourceOf = ({ offset }: Line) => `${blob.container}/${blob.name}/${offset}`;
  const { alerts, rejected } = readAlerts(
    lines.map(({ bytes }) => bytes),
    { sources: lines.map(sourceOf) },
  );
  const cut = tooLong.map((line): DeadLetter => {
    const reason = `The line is longer than ${longestLine} bytes; only its beginning is kept`;
    return { source: sourceOf(line), reasons: [reason], body: line.bytes };
  });
  return { alerts, rejected: [...rejected, ...cut] };
}
