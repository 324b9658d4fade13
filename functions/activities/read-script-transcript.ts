import { z } from "zod";
import { liveResponseCalls } from "../../shared/defender/live-response/calls.ts";
import { CommandIndex } from "../../shared/defender/live-response/command.ts";
import { MachineActionId } from "../../shared/defender/machine-actions/machine-action.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { oneLine } from "../../shared/streaming/one-line.ts";

/** Enough to decide on; the whole is kept by `storeLiveResponseResult`. */
const MOST_CHARACTERS = 2_000;

const excerpt = (text: string | null | undefined): string => oneLine(text ?? "", MOST_CHARACTERS);

/**
 * Reads what a script of a live response session said: its exit code, and the start of its output and errors on one line
 * each, without control characters, as they come from a machine that may be in hostile hands.
 *
 * @param input.index of the command in its session, from 0
 * @throws DefenderRefusedError `ResourceNotFound` while there is no result; PermanentError `UnreadableResult` for a file
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result - 100 calls a minute, 1,500 an hour
 */
export const readScriptTranscript = defineActivity({
  name: "readScriptTranscript",
  summary: "Reads what a script of a live response session said.",
  effect: "read",
  calls: [liveResponseCalls.resultLink],
  repeat: "reads",
  input: z.object({ machineActionId: MachineActionId, index: CommandIndex }),
  output: z.object({ exitCode: z.string().nullable(), output: z.string(), errors: z.string() }),

  async perform({ machineActionId, index }, { defender: { liveResponse } }) {
    const { exit_code, script_output, script_errors } = await liveResponse.transcript(machineActionId, index);
    const exitCode = exit_code === null || exit_code === undefined ? null : String(exit_code);
    return { exitCode, output: excerpt(script_output), errors: excerpt(script_errors) };
  },
});
