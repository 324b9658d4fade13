import type { AlertId } from "../../shared/defender/alerts/alert.ts";
import type { MachineAction } from "../../shared/defender/machine-actions/machine-action.ts";
import type { MachineId } from "../../shared/defender/machines/machine.ts";
import { originOf } from "../../shared/evidence/origin-of.ts";
import type { Run } from "../../shared/playbook.ts";

interface CollectedFor {
  machineId: MachineId;
  alertId?: AlertId | undefined;
  /** The file that was asked for, or the script that was run. */
  path?: string;
}

/** What an activity that stores evidence is told: what was collected, for whom and what. */
export const pieceOf = (run: Run, action: MachineAction, { machineId, alertId, path }: CollectedFor) => ({
  machineId,
  machineActionId: action.id,
  origin: originOf(action, path),
  ...(alertId && { alertId }),
  ...(run.requestedBy !== undefined && { requestedBy: run.requestedBy }),
});
