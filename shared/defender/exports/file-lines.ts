import { parseExactJson } from "../../exact-json.ts";

/** A file of a large tenant is some hundred megabytes. */
const DOWNLOAD_MS = 30 * 60_000;

/** A row is about 1 KB; whatever is a thousand times as long is none. */
const LONGEST_LINE = 1024 * 1024;

/**
 * Downloads one file of an export and gives its rows as they come: one JSON object a line, packed with gzip. The link is
 * Azure Storage's own: it is sent no token, and stays out of every message, as it carries the right to read.
 *
 * @throws Error when the file cannot be had, is damaged or ends too early; what was given until then is right
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-assessment-software-vulnerabilities
 */
export async function* linesOfFile(link: string): AsyncGenerator<unknown, void> {
  try {
    const response = await fetch(link, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (!response.ok || !response.body) throw new Error(`Storage answered ${response.status}`);
    // Where storage declares the packing as that of the transfer, it is undone already.
    const isUnpacked = response.headers.get("content-encoding") === "gzip";
    const bytes = isUnpacked ? response.body : response.body.pipeThrough(new DecompressionStream("gzip"));
    for await (const line of linesOf(bytes)) if (line.trim() !== "") yield parseExactJson(line);
  } catch (cause) {
    throw new Error("A file of the export could not be read", { cause });
  }
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let begun = "";
  for await (const chunk of bytes) {
    const lines = (begun + decoder.decode(chunk, { stream: true })).split("\n");
    begun = lines.pop() ?? "";
    if (begun.length > LONGEST_LINE) throw new Error(`A line is longer than ${LONGEST_LINE} characters`);
    yield* lines;
  }
  yield begun + decoder.decode();
}
