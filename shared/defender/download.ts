import { createHash, type Hash } from "node:crypto";
import { PermanentError } from "../errors.ts";

export interface DownloadLimits {
  /** More than this ends the download. */
  atMostBytes: number;
  /** What may be done about that, for people. */
  advice?: string;
  /** How long it may take as a whole, in milliseconds. */
  timeoutMs: number;
}

/**
 * Downloads what a link leads to, piece by piece and byte for byte. Our token does not go along: the link carries its own
 * right to read, and for the same reason it stays out of every message.
 *
 * Ends only when all has come that the storage says there is: by its length, and its MD5 where one is told.
 *
 * @throws PermanentError `ResultTooLarge`, before anything is read where the length says so
 * @throws Error where the link has lapsed, or the storage does not answer or breaks off; a new link may work
 * @see https://learn.microsoft.com/en-us/rest/api/storageservices/get-blob
 */
export async function* download(
  link: string,
  { atMostBytes, advice, timeoutMs }: DownloadLimits,
): AsyncGenerator<Uint8Array, void> {
  const refuseLarger = (bytes: number) => {
    if (bytes > atMostBytes) {
      const words = `The download has more than ${atMostBytes} bytes${advice ? `. ${advice}` : ""}`;
      throw new PermanentError("ResultTooLarge", words);
    }
  };
  let bytes = 0;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(link, { signal, headers: { "accept-encoding": "identity" } });
    if (response.status === 403) throw new Incomplete("the link has lapsed, and the next try asks for a new one");
    if (response.status !== 200 || !response.body) throw new Incomplete(`the storage answered ${response.status}`);
    const whole = wholeOf(response);
    refuseLarger(whole.bytes ?? 0);
    for await (const piece of response.body) {
      bytes += piece.byteLength;
      refuseLarger(bytes);
      whole.md5?.hash.update(piece);
      yield piece;
    }
    if (whole.bytes !== undefined && bytes !== whole.bytes)
      throw new Incomplete(`${bytes} bytes came of ${whole.bytes}`);
    if (whole.md5 && whole.md5.hash.digest("base64") !== whole.md5.told)
      throw new Incomplete("what came has another MD5 than was told");
  } catch (cause) {
    if (cause instanceof PermanentError) throw cause;
    // Not the words of others: they may quote the link.
    const reason = cause instanceof Incomplete ? `: ${cause.message}` : "";
    throw new Error(`The download could not be completed${reason}`, { cause });
  }
}

/** Why what came is not the whole. */
class Incomplete extends Error {
  override name = "Incomplete";
}

/** What must have come in the end. */
interface Whole {
  bytes?: number;
  md5?: { hash: Hash; told: string };
}

function wholeOf({ headers }: Response): Whole {
  // Length and MD5 are then those of something else than what is read here.
  if (headers.has("content-encoding")) return {};
  const length = headers.get("content-length");
  const told = headers.get("content-md5");
  // Without either, an end and a broken line look the same.
  if (length === null && !headers.has("transfer-encoding"))
    throw new Incomplete("the storage does not say how much there is");
  return {
    ...(length !== null && { bytes: Number(length) }),
    ...(told && { md5: { hash: createHash("md5"), told } }),
  };
}
