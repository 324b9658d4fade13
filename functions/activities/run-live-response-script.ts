import { z } from "zod";
import { LibraryFileName } from "../../shared/defender/library-files/library-file.ts";
import { liveResponseCalls } from "../../shared/defender/live-response/calls.ts";
import { hasCommands, type LiveResponseCommand, ScriptArguments } from "../../shared/defender/live-response/command.ts";
import { ActionComment, StepKey } from "../../shared/defender/machine-actions/action-comment.ts";
import { actionToAdopt, adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction, markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Runs a script of the live response library on a machine. Judged as containment, since a script can do anything.
 *
 * Safe to repeat: a session with the same script and arguments that this step asked for before, or one that is still open,
 * is adopted. While the machine is busy with another session the step is tried again, as a machine has one at a time.
 *
 * @returns the machine action, usually still `Pending`; once it succeeded, read the result of index 0
 * @throws DefenderRefusedError `DisabledFeature` where live response is switched off for the tenant
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response - 10 calls a minute, 50 sessions at once
 */
export const runLiveResponseScript = defineActivity({
  name: "runLiveResponseScript",
  summary: "Runs a script of the live response library on a machine.",
  effect: "contain",
  calls: [liveResponseCalls.run, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({
    machineId: MachineId,
    scriptName: LibraryFileName,
    args: ScriptArguments.optional(),
    comment: ActionComment,
    key: StepKey.optional(),
  }),
  output: MachineAction.strip(),
  line: "session",
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("LiveResponse"),

  noInverse: "Only its author knows what a script has done.",
  perform({ machineId, scriptName, args, comment, key }, { defender: { machineActions, liveResponse } }, { runId }) {
    const commands: LiveResponseCommand[] = [{ type: "RunScript", scriptName, args }];
    return adoptOrAsk({
      what: `a live response session of machine ${machineId}`,
      find: async () => {
        const sessions = await machineActions.recent(machineId, ["LiveResponse"], runId);
        return actionToAdopt(
          sessions.filter((session) => hasCommands(session, commands)),
          runId,
          key,
        );
      },
      ask: () => liveResponse.run(machineId, { commands, comment: `${markOf(runId, key)} ${comment}` }),
    });
  },
});
