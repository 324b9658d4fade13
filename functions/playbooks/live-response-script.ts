import { z } from "zod";
import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import { LibraryFileName } from "../../shared/defender/library-files/library-file.ts";
import { ScriptArguments } from "../../shared/defender/live-response/command.ts";
import type { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import type { MachineId } from "../../shared/defender/machines/machine.ts";
import { StepFailed } from "../../shared/errors.ts";
import { attempt, defineRunbook, overOutages, type Run } from "../../shared/playbook.ts";
import { readScriptTranscript } from "../activities/read-script-transcript.ts";
import { runLiveResponseScript } from "../activities/run-live-response-script.ts";
import { storeLiveResponseResult } from "../activities/store-live-response-result.ts";
import { CARRYING_OUT, carryOut, commentFor, onMachine } from "./carry-out.ts";
import { pieceOf } from "./piece-of.ts";

/** Runs a script that stands ready in the live response library. */
export const liveResponseScript = defineRunbook({
  name: "live-response-script",
  version: 1,
  summary: "Runs a script of the live response library on a device and keeps what it said.",
  when: "A device has to be looked at or cleaned in a way that a script of the library knows.",
  does: "Runs the script on the device, stores its transcript as evidence, and says on ticket and alert how it ended and what it said.",
  asks: "Nobody by itself; the policy judges a script as a containment, since it can do anything.",
  never: "Runs what is not in the library, or puts a script into it.",
  undo: "Only the author of the script knows: another script, or a person.",
  uses: [runLiveResponseScript, storeLiveResponseResult, readScriptTranscript, ...CARRYING_OUT],
  input: z.object({ ...onMachine, scriptName: LibraryFileName, args: ScriptArguments.optional() }),

  *steps(run, input) {
    const { machineId, scriptName, args } = input;
    const what = `Script ${scriptName}`;
    const comment = commentFor(what, input);
    const script = yield* carryOut(run, input, {
      what,
      triedFor: "two hours",
      request: () => run.step(runLiveResponseScript, { machineId, scriptName, args, comment }),
    });
    const hasRun = script.outcome === "done" || script.outcome === "failed";
    const said = hasRun && script.action ? yield* transcriptOf(run, input, script.action) : undefined;
    return { ...(yield* script.close(said?.words)), exitCode: said?.exitCode, transcript: said?.transcript };
  },
});

/** Keeps what the script said, also that of one which failed, and gives an excerpt of it. */
function* transcriptOf(
  run: Run,
  { machineId, scriptName, alertId }: { machineId: MachineId; scriptName: string; alertId?: AlertId | undefined },
  action: MachineAction,
) {
  const { id: machineActionId } = action;
  const piece = pieceOf(run, action, { machineId, alertId, path: scriptName });
  const stored = yield* overOutages(run, () => run.step(storeLiveResponseResult, piece));
  const read = yield* attempt(run.step(readScriptTranscript, { machineActionId }));
  const words = [
    stored instanceof StepFailed
      ? `No transcript was stored: ${stored.reason}.`
      : `Transcript ${stored.name} stored, SHA-256 ${stored.sha256}.`,
    read instanceof StepFailed
      ? `It could not be read: ${read.reason}.`
      : `Exit code ${read.exitCode ?? "unknown"}. Output: ${read.output || "none"}. Errors: ${read.errors || "none"}.`,
  ];
  return {
    words: words.join(" "),
    exitCode: read instanceof StepFailed ? undefined : read.exitCode,
    transcript: stored instanceof StepFailed ? undefined : stored,
  };
}
