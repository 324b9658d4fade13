import { z } from "zod";
import type { CaseKey } from "../../shared/cases/case.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { Mode } from "../../shared/mode.ts";

/** Which case a run has in its care. A run that was asked for by hand may have none. */
export const CaseOfRun = z.object({
  tenantId: z.string(),
  machineId: MachineId,
  playbook: z.string(),
  mode: Mode.default("act"),
});
export type CaseOfRun = z.infer<typeof CaseOfRun>;

export const caseKeyOf = ({ tenantId, machineId, playbook, mode }: CaseOfRun): CaseKey => {
  return { tenantId, machineId, playbook, mode };
};
