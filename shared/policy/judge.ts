import { type GraphUser, userLabel } from "../defender/graph-users/user.ts";
import type { IsolationType } from "../defender/machine-actions/machine-action.ts";
import { type Machine, machineLabel } from "../defender/machines/machine.ts";
import type { Mode } from "../mode.ts";
import type { Effect } from "../playbook.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import { isAmong, whyCritical } from "./critical-asset.ts";
import { isCriticalUser } from "./critical-user.ts";
import type { KillSwitch } from "./kill-switch.ts";
import type { Policy, PolicyRule, Restriction } from "./policy.ts";

/** How many distinct machines were contained in the last hour. */
export interface Usage {
  tenant: number;
  /** In the device group of the machine in question. */
  deviceGroup: number;
  /** Whether the machine in question is one of them. */
  isCounted: boolean;
}

/** What is to be judged, and all that counts. */
export interface Question {
  activity: string;
  effect: Effect;
  isolationType?: IsolationType | undefined;
  /** The machine it acts on, if it acts on one. */
  machine?: Machine | undefined;
  /** The user it acts on, if it acts on one. */
  user?: GraphUser | undefined;
  /** Why no run may do this, in a sentence: it would lift what protects a machine. */
  forbidden?: string | undefined;
  runId: string;
  /** Whether people have approved this step: then nobody is asked again. What is refused stays refused. */
  approved?: boolean;
  mode: Mode;
  playbook?: string | undefined;
  tenantId?: string | undefined;
  policy: Policy;
  killSwitch: KillSwitch;
  breaker: CircuitBreaker;
  usage: Usage;
}

/** What the policy says, and why, in a sentence for people. */
export interface Verdict {
  /** `ask`: a person has to decide. `shadow`: it is only to be recorded what would have been done. */
  verdict: "allow" | "deny" | "ask" | "shadow";
  /** Stable, for code and for a search in records. */
  code:
    | "Allowed"
    | "KillSwitch"
    | "PolicyDenied"
    | "NeedsApproval"
    | "CircuitBreakerOpen"
    | "CapReached"
    /** The cap of one device group: it says nothing about the rest of the fleet. */
    | "GroupCapReached";
  reason: string;
}

const deny = (code: Verdict["code"], reason: string): Verdict => ({ verdict: "deny", code, reason });
const ask = (reason: string): Verdict => ({ verdict: "ask", code: "NeedsApproval", reason });

/**
 * Judges something that would change Defender or a machine. Pure: the same question gives the same verdict.
 *
 * The kill switch stops everything but the run that cancels for it. What protects machines comes next: the strictest of
 * all that applies counts. Then the ask mode; and for containment alone, last, the breaker and the caps. What would be
 * allowed is only pretended in shadow; what would be refused is refused there, too.
 */
export function judge(question: Question): Verdict {
  const { activity, effect, machine } = question;
  const acting: Verdict = underKillSwitch(question) ??
    underProtection(question) ??
    underMode(question) ??
    (effect === "contain" ? (underBreaker(question) ?? underCaps(question)) : undefined) ?? {
      verdict: "allow",
      code: "Allowed",
      reason: machine
        ? `${machineLabel(machine)} is not protected from ${activity}`
        : `Nothing speaks against ${activity}`,
    };
  return acting.verdict === "allow" && isShadow(question) ? { ...acting, verdict: "shadow" } : acting;
}

function underKillSwitch({ killSwitch, runId }: Question): Verdict | undefined {
  const { isOn, since, by, reason, cancelRunId } = killSwitch;
  if (!isOn || cancelRunId === runId) return undefined;
  return deny("KillSwitch", `The kill switch is on since ${since}, turned on by ${by}: ${reason}`);
}

/** Critical assets, users and the rules of the policy. */
function underProtection(question: Question): Verdict | undefined {
  const { activity, effect, machine, user, policy } = question;
  if (question.forbidden) return deny("PolicyDenied", question.forbidden);
  const restrictions: { restriction: Restriction; why: string }[] = [];

  const why = effect === "contain" && machine ? whyCritical(machine, policy) : undefined;
  if (machine && why) {
    const words = `${machineLabel(machine)} is a critical asset (${why})`;
    restrictions.push({ restriction: policy.criticalAssets.containment, why: words });
  }
  if (user && isCriticalUser(user, policy)) {
    restrictions.push({ restriction: "ask", why: `${userLabel(user)} is a critical user` });
  } else if (user && policy.users.others === "ask") {
    restrictions.push({ restriction: "ask", why: `${activity} is about the user ${userLabel(user)}` });
  }
  for (const rule of policy.rules.filter((one) => applies(one, question))) {
    restrictions.push({ restriction: rule.restriction, why: `A rule of the policy is about ${wordsOf(rule)}` });
  }

  const of = (wanted: Restriction) => restrictions.find(({ restriction }) => restriction === wanted)?.why;
  const denied = of("deny");
  if (denied) return deny("PolicyDenied", denied);
  // Anything else than an isolation takes from the machine whatever it is.
  const isMild = effect !== "contain" || (activity === "isolateMachine" && question.isolationType === "Selective");
  const limited = of("selectiveOnly");
  if (limited && !isMild) return deny("PolicyDenied", `${limited}: only a selective isolation is allowed`);
  const asked = question.approved ? undefined : of("ask");
  return asked ? ask(`${asked}: a person must decide`) : undefined;
}

const applies = (rule: PolicyRule, { activity, effect, machine }: Question): boolean =>
  (rule.activity ?? activity) === activity &&
  (rule.effect ?? effect) === effect &&
  (!rule.deviceGroups || isAmong(rule.deviceGroups, machine?.rbacGroupName ?? ""));

const wordsOf = ({ activity, effect, deviceGroups }: PolicyRule): string =>
  `${activity ?? `everything with the effect "${effect}"`}${deviceGroups ? ` in ${deviceGroups.join(", ")}` : ""}`;

/** Whether a run only pretends: by its own mode, or as the policy has it. */
export const isShadow = ({
  mode,
  playbook,
  tenantId,
  policy: { shadow },
}: Pick<Question, "mode" | "playbook" | "tenantId" | "policy">): boolean =>
  mode === "shadow" ||
  shadow.everything ||
  isAmong(shadow.playbooks, playbook ?? "") ||
  isAmong(shadow.tenants, tenantId ?? "");

function underMode({ mode, activity, machine, user, approved }: Question): Verdict | undefined {
  return !approved && mode === "ask" && (machine || user)
    ? ask(`The run asks before ${activity}: a person must decide`)
    : undefined;
}

function underBreaker({ breaker }: Question): Verdict | undefined {
  if (!breaker.isOpen) return undefined;
  return deny("CircuitBreakerOpen", `The circuit breaker is open since ${breaker.since}: ${breaker.reason}`);
}

/** How many machines the share of the fleet is; none where the policy names no share. */
const ofFleetPerHour = ({ percentOfFleetPerHour, fleetSize = 0 }: Policy["caps"]): number | undefined =>
  percentOfFleetPerHour && Math.max(1, Math.floor((fleetSize * percentOfFleetPerHour) / 100));

/** How many machines of the tenant may be contained within an hour. */
export const mostMachinesPerHour = ({ caps }: Policy): number =>
  Math.min(caps.machinesPerHour, ofFleetPerHour(caps) || Number.POSITIVE_INFINITY);

/** A machine that was contained within the hour takes no further place. */
function underCaps({ usage, policy: { caps }, machine }: Question): Verdict | undefined {
  if (usage.isCounted) return undefined;
  const { machinesPerHour, machinesPerHourInDeviceGroup, percentOfFleetPerHour, fleetSize = 0 } = caps;
  const ofFleet = ofFleetPerHour(caps);
  const group = machine?.rbacGroupName;

  const reached = (cap: string, code: Verdict["code"] = "CapReached") =>
    deny(code, `Within an hour no more than ${cap} may be contained`);
  if (usage.tenant >= machinesPerHour) return reached(machinesOf(machinesPerHour));
  if (ofFleet && usage.tenant >= ofFleet) {
    return reached(`${machinesOf(ofFleet)}, ${percentOfFleetPerHour} % of ${fleetSize},`);
  }
  if (group && usage.deviceGroup >= (machinesPerHourInDeviceGroup ?? Number.POSITIVE_INFINITY)) {
    const cap = `${machinesOf(machinesPerHourInDeviceGroup ?? 0)} of the device group ${group}`;
    return reached(cap, "GroupCapReached");
  }
  return undefined;
}

const machinesOf = (count: number): string => `${count} machine${count === 1 ? "" : "s"}`;
