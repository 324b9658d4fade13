import type { FileHash } from "../../shared/defender/files/file.ts";
import { Sha1 } from "../../shared/defender/machine-actions/sha1.ts";
import { StepFailed } from "../../shared/errors.ts";
import type { Run, Steps } from "../../shared/playbook.ts";
import { getFile } from "../activities/get-file.ts";

/**
 * The SHA-1 of a file, the only hash that Defender finds and stops files by.
 *
 * @throws StepFailed `FileUnknown` where Defender knows none for a SHA-256
 */
export function* sha1Of(run: Run, hash: FileHash): Steps<Sha1> {
  const given = Sha1.safeParse(hash).data;
  if (given) return given;
  const file = yield* run.step(getFile, { hash });
  const known = Sha1.safeParse(file?.sha1).data;
  if (known) return known;
  throw new StepFailed(getFile.name, "FileUnknown", `Defender knows no SHA-1 of file ${hash}`);
}
