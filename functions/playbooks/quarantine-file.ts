import { z } from "zod";
import { FileHash } from "../../shared/defender/files/file.ts";
import { defineRunbook } from "../../shared/playbook.ts";
import { getFile } from "../activities/get-file.ts";
import { stopAndQuarantineFile } from "../activities/stop-and-quarantine-file.ts";
import { CARRYING_OUT, carryOut, commentFor, onMachine } from "./carry-out.ts";
import { sha1Of } from "./sha1-of.ts";

/** Quarantines one file on one device; `block-file` is the runbook for all devices. */
export const quarantineFile = defineRunbook({
  name: "quarantine-file",
  version: 1,
  summary: "Stops a file on one device and moves it to quarantine.",
  when: "One device holds or runs a file that is known to be bad.",
  does: "Stops the file where it runs, moves it to quarantine, follows that to its end, and says on ticket and alert what came of it.",
  asks: "Nobody by itself.",
  never: "Touches the file on another device, or keeps it from coming back: that is what block-file does.",
  undo: "A person restores the file on the device, as no call of Defender does.",
  uses: [stopAndQuarantineFile, getFile, ...CARRYING_OUT],
  input: z.object({
    ...onMachine,
    hash: FileHash.describe("SHA-1 or SHA-256 of the file; a SHA-256 only of files that Defender knows"),
  }),

  *steps(run, input) {
    const { machineId, hash } = input;
    const what = `Quarantine of file ${hash}`;
    const quarantine = yield* carryOut(run, input, {
      what,
      *request() {
        const sha1 = yield* sha1Of(run, hash);
        return yield* run.step(stopAndQuarantineFile, { machineId, sha1, comment: commentFor(what, input) });
      },
    });
    return yield* quarantine.close();
  },
});
