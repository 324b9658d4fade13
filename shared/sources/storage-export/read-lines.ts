/** Where reading stands in a blob: behind a whole line, or inside one that is too long to be used. */
export interface Place {
  offset: number;
  isInLongLine: boolean;
}

/** A line without its end, and where it begins in the blob. */
export interface Line {
  offset: number;
  bytes: Uint8Array;
}

/** What one ranged read gave. */
export interface Piece {
  /** Whole lines that are not blank. */
  lines: Line[];
  /** Lines over the limit, each with its beginning only. */
  tooLong: Line[];
  /** Where to read on. */
  next: Place;
}

export interface ReadLines {
  /** Reads some bytes of the blob: no more, and as many unless the blob has ended. */
  read(offset: number, count: number): Promise<Uint8Array>;
  /** Where to begin. */
  from: Place;
  /** How long the blob is. What is added while it is read is left for the next time. */
  size: number;
  /** The longest line that is used, in bytes, with the return of a line end. */
  longestLine: number;
  /** How much is read at once, in bytes; more than the longest line, so that every read comes further. */
  pieceSize: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Of a line too long to be used, the beginning tells whose it is. */
const HEAD_BYTES = 16 * 1024;

/**
 * Reads the lines of a blob piece by piece, so that neither the size of the blob nor that of a line matters. A last line
 * that has no end yet is held back: it is read from its beginning the next time.
 */
export async function* readLines({ read, from, size, longestLine, pieceSize }: ReadLines): AsyncGenerator<Piece, void> {
  for (let at = from; at.offset < size; ) {
    const bytes = await read(at.offset, Math.min(pieceSize, size - at.offset));
    const piece = split(bytes, at, longestLine);
    if (piece.next.offset === at.offset) return;
    yield piece;
    at = piece.next;
  }
}

function split(bytes: Uint8Array, { offset, isInLongLine }: Place, longestLine: number): Piece {
  const piece: Piece = { lines: [], tooLong: [], next: { offset, isInLongLine } };
  const place = (at: number, isInLongLine: boolean): Place => ({ offset: offset + at, isInLongLine });
  let start = 0;
  if (isInLongLine) {
    start = bytes.indexOf(LINE_FEED) + 1;
    if (start === 0) return { ...piece, next: place(bytes.length, true) };
  }
  for (let end = bytes.indexOf(LINE_FEED, start); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
    const line = { offset: offset + start, bytes: withoutReturn(bytes.subarray(start, end)) };
    if (end - start > longestLine) piece.tooLong.push(headOf(line));
    else if (line.bytes.some((byte) => byte > 0x20)) piece.lines.push(line);
    start = end + 1;
  }
  if (bytes.length - start <= longestLine) return { ...piece, next: place(start, false) };
  piece.tooLong.push(headOf({ offset: offset + start, bytes: bytes.subarray(start) }));
  return { ...piece, next: place(bytes.length, true) };
}

const withoutReturn = (line: Uint8Array): Uint8Array => (line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line);

/** Copied, lest the piece stays in memory with it. */
const headOf = ({ offset, bytes }: Line): Line => ({ offset, bytes: bytes.slice(0, HEAD_BYTES) });
