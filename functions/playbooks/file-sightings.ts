import type { FileHash } from "../../shared/defender/files/file.ts";
import type { Sha1 } from "../../shared/defender/machine-actions/sha1.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, overOutages, type Run, type Steps } from "../../shared/playbook.ts";
import { listFileMachines } from "../activities/list-file-machines.ts";
import type { Target } from "./on-each-machine.ts";
import { sha1Of } from "./sha1-of.ts";

/** Where a file was seen. */
export interface FileSightings {
  /** By which Defender stops it; absent where it knows none, and there are no machines then. */
  sha1?: Sha1;
  /** Those that were there last first; at most as many as a list step gives back. */
  machines: Target[];
  /** Whether there are, or may be, more. */
  hasMore: boolean;
  words: string;
}

export const NOT_LOOKED: FileSightings = { machines: [], hasMore: false, words: "No devices were looked for." };

/** Looks for the devices that a file was seen on. That it cannot be looked for is said in words. */
export function* sightingsOf(run: Run, hash: FileHash): Steps<FileSightings> {
  run.report("looking for devices that have the file");
  const sha1 = yield* attempt(sha1Of(run, hash));
  if (sha1 instanceof StepFailed) return notFound(sha1);
  const listed = yield* overOutages(run, () => run.step(listFileMachines, { sha1 }));
  if (listed instanceof StepFailed) return notFound(listed);
  const { rows, hasMore } = listed;
  const machines = rows.toSorted((one, other) => ((one.lastSeen ?? "") < (other.lastSeen ?? "") ? 1 : -1));
  return {
    sha1,
    machines,
    hasMore,
    words: `The file was seen on ${hasMore ? "more than " : ""}${rows.length} device(s).`,
  };
}

const notFound = ({ reason }: StepFailed): FileSightings => ({
  machines: [],
  hasMore: true,
  words: `Devices could not be looked for: ${reason}.`,
});
