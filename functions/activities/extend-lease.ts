import { z } from "zod";
import { MachineId } from "../../shared/defender/machines/machine.ts";
import { boundedEnd } from "../../shared/leases/lease.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Has an isolation last for a while from now on, as the policy says, since further alerts have come. Safe to repeat.
 *
 * The run that holds it is not woken: it looks at its end again before it acts.
 *
 * @returns the end afterwards; `null` where there is none. `isHeld: false` where no isolation is in force any more, as far
 * as the app knows: one that was asked for since has no end yet
 */
export const extendLease = defineActivity({
  name: "extendLease",
  summary: "Has an isolation last longer since further alerts have come.",
  effect: "write",
  calls: [],
  repeat: "sets",
  input: z.object({ machineId: MachineId }),
  output: z.object({ until: z.iso.datetime().nullable(), isHeld: z.boolean().optional() }),
  target: ({ machineId }) => `isolation of machine ${machineId}`,
  pretend: () => ({ until: null }),

  async perform({ machineId }, { leases, policy }) {
    const bounds = policy().leases;
    const lease = await leases.change(machineId, (before, now) => {
      if (!before?.until || before.state !== "held" || bounds.extendMinutes === 0) return before;
      const until = boundedEnd(before.startedAt, now.getTime() + bounds.extendMinutes * 60_000, bounds);
      return until > before.until ? { ...before, until } : before;
    });
    return lease?.state === "held" ? { until: lease.until ?? null } : { until: null, isHeld: false };
  },
});
