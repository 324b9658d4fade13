import type { MachineId } from "../machines/machine.ts";

/** The id of what was never asked for. */
const PRETENDED_ID = "00000000-0000-4000-8000-000000000000";

/** What a step would give at best that asks for a machine action: one that has succeeded, so that nobody waits for it. */
export const pretendedAction =
  (type: string) =>
  ({ machineId }: { machineId: MachineId }) => ({ id: PRETENDED_ID, type, machineId, status: "Succeeded" });
