import type { MachineId } from "../defender/machines/machine.ts";
import { holdRunId } from "../runs/run-id.ts";
import type { Services } from "../services.ts";
import { isOver, type Lease } from "./lease.ts";

/** The playbook that sees to the end of a lease. */
export const HOLD_ISOLATION = "hold-isolation";

type Reach = Pick<Services, "leases" | "runs" | "tenantId">;

/** Whether a run has to see to it: to its end, or that somebody else ends it. */
const needsHold = (lease: Lease): boolean => !isOver(lease) && lease.state !== "queued";

/**
 * Sees to it that a run holds the lease where it needs one, and that the run knows what has changed. Safe to repeat: it
 * also starts anew what was ended by force.
 */
export async function keepLease({ leases, runs, tenantId }: Reach, machineId: MachineId): Promise<void> {
  let lease = await leases.get(machineId);
  if (!lease) return;
  if (needsHold(lease)) {
    const gone = lease.holdRunId;
    if (gone && (await runs.stateOf(gone)) === "ended") {
      lease = await leases.change(machineId, (now) => (now?.holdRunId === gone ? withoutHold(now) : now));
    }
    lease = await leases.change(machineId, (now) =>
      now && needsHold(now) && !now.holdRunId
        ? { ...now, holdRunId: holdRunId(tenantId, now), revision: now.revision + 1 }
        : now,
    );
    if (lease?.holdRunId) await runs.startOnce(HOLD_ISOLATION, lease.holdRunId, { tenantId, machineId });
  }
  if (lease?.holdRunId && lease.event) await runs.tell(lease.holdRunId, lease.event, { revision: lease.revision });
}

/** A lease that no run sees to. */
export function withoutHold({ holdRunId: _, event: __, ...lease }: Lease): Lease {
  return lease;
}
