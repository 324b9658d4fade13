import { isolateMachine } from "../../functions/activities/isolate-machine.ts";
import { containDevice } from "../../functions/playbooks/contain-device.ts";
import { IsolationType } from "../../shared/defender/machine-actions/machine-action.ts";
import type { Machine } from "../../shared/defender/machines/machine.ts";
import { CLOSED_BREAKER } from "../../shared/policy/circuit-breaker.ts";
import { judge, type Verdict } from "../../shared/policy/judge.ts";
import { KILL_SWITCH_OFF } from "../../shared/policy/kill-switch.ts";
import type { Policy } from "../../shared/policy/policy.ts";
import type { RuleAction } from "../../shared/rules/decide.ts";

export type PolicyWord = Pick<Verdict, "verdict" | "reason">;

/** A run that a rule starts on a machine. */
interface Start {
  action: RuleAction;
  machine: Machine;
  tenantId: string;
  alertId: string;
  at: Date;
}

/** What a playbook does that the policy judges first; of others nothing is said. */
const CONTAINS = new Map([[containDevice.name, isolateMachine]]);

const HOUR_MS = 3_600_000;

/**
 * What the policy says of one start after the other, in the order of time: what it allows counts against its caps. The
 * kill switch is off and the breaker closed.
 */
export function policyOverTime(policy: Policy): (start: Start) => PolicyWord | undefined {
  const contained: { machineId: string; group: string | null | undefined; at: number }[] = [];

  return ({ action, machine, tenantId, alertId, at }) => {
    const activity = CONTAINS.get(action.playbook);
    if (!activity) return undefined;
    const recent = contained.filter((one) => one.at > at.getTime() - HOUR_MS);
    const group = machine.rbacGroupName;
    const { verdict, reason } = judge({
      activity: activity.name,
      effect: activity.effect,
      isolationType: IsolationType.safeParse(action.with.isolationType ?? "Full").data,
      ...{ machine, tenantId, policy, mode: action.mode, playbook: action.playbook, runId: alertId },
      killSwitch: KILL_SWITCH_OFF,
      breaker: CLOSED_BREAKER,
      usage: {
        tenant: recent.length,
        deviceGroup: recent.filter((one) => one.group === group).length,
        isCounted: recent.some(({ machineId }) => machineId === machine.id),
      },
    });
    const isNew = !recent.some(({ machineId }) => machineId === machine.id);
    if (verdict === "allow" && isNew) contained.push({ machineId: machine.id, group, at: at.getTime() });
    return { verdict, reason };
  };
}
