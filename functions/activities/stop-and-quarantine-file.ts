import { z } from "zod";
import { ActionComment } from "../../shared/defender/machine-actions/action-comment.ts";
import { actionToAdopt, adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { fileOf, MachineAction, markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { Sha1 } from "../../shared/defender/machine-actions/sha1.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Stops a file where it runs on a machine and moves it to quarantine. No call of Defender's restores it; a person can,
 * on the machine.
 *
 * Safe to repeat: an action on the same file that this run asked for before, or one that is still open, is adopted. While
 * the machine is busy with another file the step is tried again.
 *
 * @returns the machine action, usually still `Pending`
 * @throws DefenderRefusedError `OsPlatformNotSupported` where the system cannot do it
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/stop-and-quarantine-file - 100 calls a minute, 1,500 an hour
 */
export const stopAndQuarantineFile = defineActivity({
  name: "stopAndQuarantineFile",
  summary: "Stops a file where it runs on a machine and moves it to quarantine.",
  effect: "contain",
  calls: [machineActionCalls.stopAndQuarantineFile, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, sha1: Sha1, comment: ActionComment }),
  output: MachineAction.strip(),
  line: "files",
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("StopAndQuarantineFile"),

  noInverse: "No call of Defender restores a file from quarantine: a person does, on the machine.",
  perform({ machineId, sha1, comment }, { defender: { machineActions } }, { runId }) {
    return adoptOrAsk({
      what: `a quarantine on machine ${machineId}`,
      find: async () => {
        const actions = await machineActions.recent(machineId, ["StopAndQuarantineFile"], runId);
        return actionToAdopt(
          actions.filter((action) => fileOf(action) === sha1),
          runId,
        );
      },
      ask: () => machineActions.stopAndQuarantineFile(machineId, { sha1, comment: `${markOf(runId)} ${comment}` }),
      // Right after the request an action may not say its file yet.
      isOther: (action) => (fileOf(action) ?? sha1) !== sha1,
    });
  },
});
