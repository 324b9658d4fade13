import { z } from "zod";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { isAskedByApp, MachineActionId } from "../../shared/defender/machine-actions/machine-action.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { and, eq, isOneOf } from "../../shared/defender/odata/filter.ts";
import { allOf } from "../../shared/defender/odata/list.ts";
import { defineActivity } from "../../shared/playbook.ts";
import { CONTAINMENT_TYPES } from "../../shared/policy/containment-outcome.ts";

/** What crosses a step stays small; the rest is found by the next look. */
const MOST = 1_000;

/**
 * Lists what this app has asked Defender to take from machines and has not begun, as long as the kill switch wants it
 * cancelled by this run.
 *
 * @returns `isWanted` is false once the switch is off: then nothing is to be cancelled any more
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection - 100 calls a minute, 1,500 an hour
 */
export const listPendingContainments = defineActivity({
  name: "listPendingContainments",
  summary: "Lists what this app has asked Defender to take from machines and has not begun.",
  effect: "read",
  calls: [machineActionCalls.list],
  repeat: "reads",
  input: z.object({}),
  output: z.object({
    isWanted: z.boolean(),
    pending: z.array(z.object({ machineId: MachineId, machineActionId: MachineActionId })),
  }),

  async perform(_, { defender, policyState }, { runId }) {
    const { killSwitch } = await policyState.read();
    if (!killSwitch.isOn || killSwitch.cancelRunId !== runId) return { isWanted: false, pending: [] };
    const filter = and(eq("status", "Pending"), isOneOf("type", CONTAINMENT_TYPES));
    const actions = await allOf(defender.machineActions.list({ filter }));
    const own = actions.filter((action) => isAskedByApp(action) && action.machineId);
    const pending = own
      .slice(0, MOST)
      .map(({ id, machineId }) => ({ machineActionId: id, machineId: machineId ?? "" }));
    return { isWanted: true, pending };
  },
});
