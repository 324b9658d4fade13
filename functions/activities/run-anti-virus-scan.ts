import { z } from "zod";
import { ActionComment, StepKey } from "../../shared/defender/machine-actions/action-comment.ts";
import { actionToAdopt, adoptOrAsk } from "../../shared/defender/machine-actions/adopt-or-ask.ts";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { MachineAction, markOf } from "../../shared/defender/machine-actions/machine-action.ts";
import { pretendedAction } from "../../shared/defender/machine-actions/pretended-action.ts";
import { ScanType } from "../../shared/defender/machine-actions/scan-type.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has a machine scan itself for malware.
 *
 * Safe to repeat: a scan of the same type that this step asked for before, or one that is still open, is adopted. While
 * the machine is busy with a scan of another type the step is tried again.
 *
 * @returns the machine action, usually still `Pending`; a full scan takes hours
 * @throws DefenderRefusedError `OsPlatformNotSupported` where the system cannot be scanned
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/run-av-scan - 100 calls a minute, 1,500 an hour
 */
export const runAntiVirusScan = defineActivity({
  name: "runAntiVirusScan",
  summary: "Has a machine scan itself for malware.",
  effect: "collect",
  calls: [machineActionCalls.runAntiVirusScan, machineActionCalls.list],
  repeat: "adopts",
  input: z.object({ machineId: MachineId, scanType: ScanType, comment: ActionComment, key: StepKey.optional() }),
  output: MachineAction.strip(),
  machineId: ({ machineId }) => machineId,
  pretend: pretendedAction("RunAntiVirusScan"),

  perform({ machineId, scanType, comment, key }, { defender: { machineActions } }, { runId }) {
    // Right after the request an action may not say its scope yet.
    const isOther = ({ scope }: MachineAction) => Boolean(scope) && scope !== scanType;
    return adoptOrAsk({
      what: `a scan of machine ${machineId}`,
      find: async () => {
        const scans = await machineActions.recent(machineId, ["RunAntiVirusScan"], runId);
        return actionToAdopt(
          scans.filter((scan) => !isOther(scan)),
          runId,
          key,
        );
      },
      ask: () => machineActions.runAntiVirusScan(machineId, { scanType, comment: `${markOf(runId, key)} ${comment}` }),
      isOther,
    });
  },
});
