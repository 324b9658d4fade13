import { createHash } from "node:crypto";
import { emptyRecord, standingOf } from "./custody-record.ts";
import { notFound } from "./list-evidence.ts";
import type { Locker } from "./locker.ts";
import { EvidenceName } from "./piece.ts";

/** What a look at a piece has shown. */
export interface Verified {
  name: string;
  verdict: "same" | "differs" | "missing" | "purged" | "not on record";
  /** Of what is there now; absent where nothing is. */
  sha256?: string;
  /** What is not as it should be, in words; empty when all is. */
  problems: string[];
}

/**
 * Reads a piece from the first byte to the last, and holds it against its record, and the record against itself. The
 * record then says so.
 *
 * @throws PermanentError `EvidenceNotFound`
 */
export async function verifyEvidence(locker: Locker, name: string, by: string): Promise<Verified> {
  const { pieces, custody, now } = locker;
  if (!EvidenceName.safeParse(name).success) throw notFound(name);
  const record = (await custody.read(name)) ?? emptyRecord();
  const { stored, purgedAt } = standingOf(record);
  const blob = await pieces.find(name);
  const found = await contentOf(locker, name);
  if (record.entries.length === 0 && !found) throw notFound(name);

  const problems = [...record.problems];
  const seen = { name, ...(found && { sha256: found.sha256 }), problems };
  if (!stored)
    return { ...seen, verdict: "not on record", problems: [...problems, "No record tells how it came here."] };
  if (purgedAt) {
    if (found) problems.push(`It was purged at ${purgedAt} and is still there; the next purge removes it.`);
    return { ...seen, verdict: "purged" };
  }

  const outcome = !found
    ? "missing"
    : found.sha256 === stored.sha256 && found.bytes === stored.bytes
      ? "same"
      : "differs";
  if (outcome === "missing") problems.push("It is on record and is not there.");
  if (outcome === "differs") {
    const is = `is ${found?.sha256} (${found?.bytes} bytes)`;
    problems.push(`Its SHA-256 ${is}, and on record stands ${stored.sha256} (${stored.bytes} bytes).`);
  }
  if (blob && blob.sha256 !== stored.sha256) {
    problems.push(`The SHA-256 that stands beside the blob is ${blob.sha256}, and not that on record.`);
  }
  const sha256 = found && { sha256: found.sha256 };
  await custody.append(name, () => ({ event: "verified", at: now().toISOString(), by, outcome, ...sha256 }));
  return { ...seen, verdict: outcome };
}

async function contentOf({ pieces }: Locker, name: string): Promise<{ bytes: number; sha256: string } | undefined> {
  const content = await pieces.open(name);
  if (!content) return undefined;
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { bytes, sha256: hash.digest("hex") };
}
