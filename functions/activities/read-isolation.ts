import { z } from "zod";
import { machineActionCalls } from "../../shared/defender/machine-actions/calls.ts";
import { isInVain } from "../../shared/defender/machine-actions/machine-action.ts";
import { ISOLATION } from "../../shared/defender/machine-actions/opposites.ts";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Looks at what was last asked of Defender about a machine's isolation, whoever asked: no field of a machine says it.
 *
 * @returns `released` where the last that took effect is a release, with who asked for it; `isolated` where an isolation
 * is in force or on its way; `unknown` where the list shows neither
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-machineactions-collection - 100 calls a minute, 1,500 an hour
 */
export const readIsolation = defineActivity({
  name: "readIsolation",
  summary: "Looks whether a machine has been released.",
  effect: "read",
  calls: [machineActionCalls.list],
  repeat: "reads",
  input: z.object({ machineId: MachineId }),
  output: z.object({
    state: z.enum(["isolated", "released", "unknown"]),
    by: z.string().optional(),
    at: z.string().optional(),
  }),

  async perform({ machineId }, { defender: { machineActions } }, { runId }) {
    const changes = await machineActions.recent(machineId, [ISOLATION.takes, ISOLATION.gives], runId);
    const last = changes.find((action) => !isInVain(action));
    if (!last) return { state: "unknown" as const };
    if (last.type === ISOLATION.takes || last.status !== "Succeeded") return { state: "isolated" as const };
    const { requestor, creationDateTimeUtc } = last;
    return {
      state: "released" as const,
      by: typeof requestor === "string" ? requestor : undefined,
      at: creationDateTimeUtc ?? undefined,
    };
  },
});
