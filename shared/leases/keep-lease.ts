import type { MachineId } from "../defender/machines/machine.ts";
import { holdRunId } from "../runs/run-id.ts";
import type { Services } from "../services.ts";
import { isOver, type Lease } from "./lease.ts";

/** The playbook that sees to the end of a lease. */
export const HOLD_ISOLATION = "hold-isolation";

type Reach = Pick<Services, "leases" | "runs" | "tenantId">;

/** Whether somebody has to see to it: it has an end, or is at it. */
const needsHold = (lease: Lease): boolean =>
  !isOver(lease) && (lease.until !== undefined || lease.state === "releasing");

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

/**
 * Sees to it that a run holds each lease that needs one and has none, as where the app stopped after it had noted the end
 * and before it had started the run. One whose run was ended by force stays as it is.
 *
 * @returns how many were not seen to
 */
export async function holdUnheld(reach: Reach): Promise<number> {
  let unheld = 0;
  for (const lease of (await reach.leases.open()).filter(needsHold)) {
    if (lease.holdRunId && (await reach.runs.stateOf(lease.holdRunId)) !== "absent") continue;
    unheld++;
    await keepLease(reach, lease.machineId);
  }
  return unheld;
}

/**
 * Has a run look at each isolation without an end, whether somebody has released the device in Defender. Those that have
 * an end are looked at by the run that waits for it.
 *
 * @returns how many are looked at
 */
export async function lookAtEndless({ leases, runs, tenantId }: Reach): Promise<number> {
  let looked = 0;
  for (const { machineId, holdRunId: looking } of (await leases.open()).filter(isEndless)) {
    if (looking && (await runs.stateOf(looking)) === "under-way") continue;
    const lease = await leases.change(machineId, (now) =>
      now && isEndless(now) && now.holdRunId === looking
        ? { ...now, holdRunId: holdRunId(tenantId, now), revision: now.revision + 1 }
        : now,
    );
    if (lease?.holdRunId) await runs.startOnce(HOLD_ISOLATION, lease.holdRunId, { tenantId, machineId });
    looked++;
  }
  return looked;
}

const isEndless = ({ state, until }: Lease): boolean => state === "held" && !until;

/** A lease that no run sees to. */
export function withoutHold({ holdRunId: _, event: __, ...lease }: Lease): Lease {
  return lease;
}
