import { PermanentError } from "../../errors.ts";

export interface DownloadLimits {
  /** More than this ends the download. */
  atMostBytes: number;
  /** How long it may take as a whole, in milliseconds. */
  timeoutMs: number;
}

/**
 * Downloads what a link leads to, piece by piece. Our token does not go along: the link carries its own right to read,
 * and for the same reason it stays out of every message.
 *
 * @throws PermanentError `ResultTooLarge`
 * @throws Error where the link has lapsed or the storage does not answer; a new link may work
 */
export async function* download(
  link: string,
  { atMostBytes, timeoutMs }: DownloadLimits,
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  try {
    const response = await fetch(link, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok || !response.body) throw new Error(`The storage answered ${response.status}`);
    for await (const piece of response.body) {
      bytes += piece.byteLength;
      if (bytes > atMostBytes)
        throw new PermanentError("ResultTooLarge", `The result has more than ${atMostBytes} bytes`);
      yield piece;
    }
  } catch (cause) {
    if (cause instanceof PermanentError) throw cause;
    throw new Error("The result could not be downloaded", { cause });
  }
}
