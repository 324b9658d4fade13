import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { PermanentError } from "../../errors.ts";

const unzip = promisify(gunzip);

/**
 * A result as it was on the machine. Files are seen to come compressed, transcripts as they are, and nothing says so but
 * the first two bytes.
 *
 * @throws PermanentError `ResultTooLarge` before more than `atMostBytes` are unpacked: a machine in hostile hands may
 * send a bomb; `UnreadableResult` for what only looks compressed
 */
export async function unpack(content: Uint8Array, atMostBytes: number): Promise<Uint8Array> {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return await unzip(content, { maxOutputLength: atMostBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new PermanentError("ResultTooLarge", `The result unpacks to more than ${atMostBytes} bytes`, { cause });
    }
    throw new PermanentError("UnreadableResult", "The result looks compressed and cannot be unpacked", { cause });
  }
}
