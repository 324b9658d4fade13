import { z } from "zod";
import { liveResponseCalls } from "../../shared/defender/live-response/calls.ts";
import { hasCommands, type LiveResponseCommand } from "../../shared/defender/live-response/command.ts";
import { ActionComment, StepKey } from "../../shared/defender/machine-actions/action-comment.ts";
import { actionToAdopt, adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction, markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has a machine hand over one of its files.
 *
 * Safe to repeat: a session for the same file that this step asked for before, or one that is still open, is adopted.
 * While the machine is busy with another session the step is tried again, as a machine has one at a time.
 *
 * @param input.path on the machine, e.g. `C:\Windows\Temp\dump.zip`
 * @returns the machine action, usually still `Pending`; once it succeeded, store the file with `storeLiveResponseResult`
 * @throws DefenderRefusedError `DisabledFeature` where live response is switched off for the tenant
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response - 10 calls a minute, 50 sessions at once
 */
export const collectLiveResponseFile = defineActivity({
  name: "collectLiveResponseFile",
  summary: "Has a machine hand over one of its files.",
  effect: "collect",
  calls: [liveResponseCalls.run, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({
    machineId: MachineId,
    path: z.string().min(1).max(4_096).describe("Of the file on the machine"),
    comment: ActionComment,
    key: StepKey.optional(),
  }),
  output: MachineAction.strip(),
  line: "session",
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("LiveResponse"),

  perform({ machineId, path, comment, key }, { defender: { machineActions, liveResponse } }, { runId }) {
    const commands: LiveResponseCommand[] = [{ type: "GetFile", path }];
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
