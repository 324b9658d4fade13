import { type Machine, machineLabel } from "../defender/machines/machine.ts";
import type { Effect } from "../playbook.ts";
import type { Policy } from "./policy.ts";

/** What the policy says of one action on one machine, and why. */
export interface Verdict {
  allowed: boolean;
  reason: string;
}

/**
 * Judges an action on a machine. Pure: the same machine and policy give the same verdict.
 *
 * Only containment is refused on a critical asset. Collecting from it, and giving back what was taken, stay allowed.
 */
export function judge(effect: Effect, machine: Machine, policy: Policy): Verdict {
  if (effect !== "contain") return { allowed: true, reason: `${effect} is allowed on every machine` };

  const { tags, machineIds } = policy.criticalAssets;
  const critical = new Set(tags.map((tag) => tag.toLowerCase()));
  const tag = machine.machineTags?.find((tag) => critical.has(tag.trim().toLowerCase()));
  const label = machineLabel(machine);
  if (tag !== undefined) return { allowed: false, reason: `${label} is a critical asset (tag "${tag}")` };
  if (machineIds.includes(machine.id)) {
    return { allowed: false, reason: `${label} is a critical asset (listed by id)` };
  }
  return { allowed: true, reason: `${label} is no critical asset` };
}
