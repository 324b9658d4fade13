import { createHash } from "node:crypto";
import { PermanentError } from "../errors.ts";
import { standingThere } from "./hold-evidence.ts";
import { notFound } from "./list-evidence.ts";
import type { Locker, Why } from "./locker.ts";
import { EvidenceName } from "./piece.ts";

/**
 * Gives out the content of a piece, once it is on record who reads it and why.
 *
 * @throws PermanentError `EvidenceNotFound`, `EvidenceGone`; `EvidenceDiffers` at the end of what is not what was stored
 */
export async function* readEvidence(
  { pieces, custody, now }: Locker,
  name: string,
  { by, reason }: Why,
): AsyncGenerator<Uint8Array, void> {
  if (!EvidenceName.safeParse(name).success) throw notFound(name);
  const record = await custody.append(name, (record) => {
    standingThere(name, record);
    return { event: "read", at: now().toISOString(), by, reason };
  });
  const content = await pieces.open(name);
  if (!content) throw new PermanentError("EvidenceGone", `Evidence ${name} is on record and is not there.`);
  const hash = createHash("sha256");
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== standingThere(name, record).stored?.sha256) {
    throw new PermanentError("EvidenceDiffers", `Evidence ${name} is not what was stored: verify says how it differs.`);
  }
}
