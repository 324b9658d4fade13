import { objectionToBody } from "../body.ts";

/** Text as it comes in, in pieces of any length. */
export type TextPieces = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

export interface Limits {
  /** @default 64 MiB */
  mostBytes?: number;
  /** @default 250,000 */
  mostLines?: number;
}

export const MOST_LINES = 250_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** No value is longer; without a limit one line could be the whole answer. */
const LONGEST_LINE = 64 * 1024;

/** Why a text is not taken as a whole. */
export class CutShort extends Error {
  override readonly name = "CutShort";
}

/**
 * The lines of a text, one at a time, without their ends.
 *
 * @throws CutShort when it is empty, a web page, or beyond the limits; what came before counts, what is missing does not
 */
export async function* linesOf(
  pieces: TextPieces,
  { mostBytes = MOST_BYTES, mostLines = MOST_LINES }: Limits = {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let bytes = 0;
  let count = 0;
  let isFirst = true;
  for await (const piece of pieces) {
    bytes += typeof piece === "string" ? Buffer.byteLength(piece) : piece.byteLength;
    if (bytes > mostBytes) throw new CutShort(`the list is longer than ${mostBytes} bytes`);
    rest += typeof piece === "string" ? piece : decoder.decode(piece, { stream: true });
    if (isFirst && (rest.length >= 1_000 || /\S[\s\S]*\n/.test(rest))) {
      refusePage(rest);
      isFirst = false;
    }
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      count += 1;
      if (count > mostLines) throw new CutShort(`the list has more than ${mostLines} lines`);
      yield line.replace(/\r$/, "").replace(/^\uFEFF/, "");
    }
    if (rest.length > LONGEST_LINE) throw new CutShort(`a line is longer than ${LONGEST_LINE} characters`);
  }
  if (isFirst) refusePage(rest);
  if (rest !== "") yield rest.replace(/\r$/, "").replace(/^\uFEFF/, "");
}

function refusePage(start: string): void {
  const objection = objectionToBody(start);
  if (objection) throw new CutShort(objection);
}
