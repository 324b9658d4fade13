import { type Approval, stepDigest, yesesOf } from "../approvals/approval.ts";
import { mayAsk } from "../approvals/approver.ts";
import { askAboutStep } from "../approvals/ask-about-step.ts";
import { NeedsApprovalError } from "../approvals/needs-approval.ts";
import type { AuditEntry } from "../audit/audit-log.ts";
import { nullIfNotFound } from "../defender/error.ts";
import { GraphUserId, userLabel } from "../defender/graph-users/user.ts";
import { IsolationType } from "../defender/machine-actions/machine-action.ts";
import { type Machine, MachineId } from "../defender/machines/machine.ts";
import { messageOf, PermanentError } from "../errors.ts";
import { type Activity, type Asking, actsOnMachine, changesDefender } from "../playbook.ts";
import type { Services } from "../services.ts";
import { noteUndo } from "../undo/note-undo.ts";
import { countOutcomes, isFailedRequest, isRefused, openAtCap } from "./containment-outcome.ts";
import { isShadow, judge, type Question, type Verdict } from "./judge.ts";
import type { Standing } from "./policy-state.ts";
import type { Place } from "./usage-book.ts";

type Entry = Omit<AuditEntry, "event" | "reason">;

/**
 * Performs an activity; one that changes something in Defender or on a machine only after the policy allowed it, with an
 * audit record of what came of it.
 *
 * Every activity runs through here, whichever playbook or way in asked for it. The machine or user and the kill switch are
 * read afresh, so a tag set a second ago counts. The verdict on them is on record before the action: without a record
 * there is no action. What a person has to approve is done once the approval that `asking` names says so, read afresh: it
 * must be about this run, activity, machine and input.
 *
 * @throws NeedsApprovalError with the question to ask, where the policy names people who may answer
 * @throws PermanentError `InvalidInput` for input the activity does not take; the code of the verdict when it is not
 * allowed: `PolicyDenied`, `NeedsApproval`, `KillSwitch`, `CircuitBreakerOpen`,
 * `CapReached` or `GroupCapReached`
 */
export async function performUnderPolicy(
  activity: Activity,
  input: unknown,
  services: Services,
  asking: Asking,
): Promise<unknown> {
  const parsed = activity.input.safeParse(input);
  if (!parsed.success) throw new PermanentError("InvalidInput", `${activity.name} was given ${parsed.error.message}`);
  const policy = services.policy();
  const about = { mode: asking.mode ?? "act", playbook: asking.playbook, tenantId: asking.tenantId, policy };
  if (!changesDefender(activity)) {
    const isDone = activity.effect === "read" || activity.isBookkeeping || !isShadow(about);
    if (isDone) return activity.perform(parsed.data, services, asking);
    const reason = "it changes nothing in Defender, and is not judged";
    return pretend(activity, parsed.data, services, {
      entry: entryOf(activity, parsed.data, asking, undefined),
      reason,
      asking,
    });
  }

  const machineId = actsOnMachine(activity) ? MachineId.parse(activity.machineId(parsed.data)) : undefined;
  const machine = machineId && (await readMachine(services, machineId));
  const userId = GraphUserId.optional().parse(activity.userId?.(parsed.data));
  const user = userId && (await services.defender.graphUsers.get(userId));
  const entry = {
    ...entryOf(activity, parsed.data, asking, machineId),
    ...(user && { target: `user ${userLabel(user)}` }),
  };
  const { isolationType } = (parsed.data ?? {}) as { isolationType?: unknown };
  const use = {
    runId: asking.runId,
    activity: activity.name,
    machineId,
    step: stepDigest(activity.name, machineId, parsed.data),
  };
  const approval = asking.approvalId ? await services.approvals.findPermitting(asking.approvalId, use) : undefined;
  const refusal = (code: string, reason: string) =>
    code === "NeedsApproval" && !isShadow(about) && mayAsk(policy)
      ? new NeedsApprovalError(reason, askAboutStep(use, machine, entry.target, reason))
      : new PermanentError(code, reason);
  const decision = await decide(services, {
    approved: approval !== undefined,
    activity: activity.name,
    effect: activity.effect,
    isolationType: IsolationType.safeParse(isolationType).data,
    forbidden: await activity.forbidden?.(parsed.data, services),
    machine,
    user,
    runId: asking.runId,
    ...about,
  });
  const { verdict, code } = decision.verdict;
  const reason = decision.verdict.reason + (approval ? `; ${describeApproval(approval)}` : "");
  if (verdict === "shadow") return pretend(activity, parsed.data, services, { entry, reason, asking });
  const isAllowed = verdict === "allow";
  if (machine || user || approval || !isAllowed) {
    await services.audit.record({ ...entry, event: isAllowed ? "allowed" : "denied", code, reason });
  }
  if (!isAllowed) {
    if (code === "CapReached" && policy.circuitBreaker.opensAtCap && !isShadow(about)) {
      await openAtCap(services, asking.runId, reason);
    }
    throw refusal(code, reason);
  }

  try {
    const result = await activity.perform(parsed.data, approval ? withoutAsking(services) : services, asking);
    await noteUndo(activity, { input: parsed.data, result, runId: asking.runId }, services);
    await services.audit.record({ ...entry, event: "done", reason: describe(result) });
    await decision.containment?.succeeded();
    return result;
  } catch (error) {
    const unrecorded = await Promise.all([
      services.audit.record({ ...entry, event: "failed", reason: messageOf(error) }),
      decision.containment?.failed(error, asking.isLastTry ?? false),
    ]).catch(messageOf);
    // The failure decides what happens next, also when it could not be recorded.
    if (typeof unrecorded === "string" && error instanceof Error) {
      error.message += ` (and it could not be recorded: ${unrecorded})`;
    }
    // An activity may find only now that a person has to decide, as about what somebody else has asked for.
    if (error instanceof PermanentError && error.code === "NeedsApproval" && !approval)
      throw refusal(error.code, error.message);
    throw error;
  }
}

/** Whoever approved the step has approved that it ends what others have asked for. */
const withoutAsking = (services: Services): Services => ({
  ...services,
  policy: () => ({ ...services.policy(), releaseOthers: "allow" }),
});

function describeApproval(approval: Approval): string {
  const by = yesesOf(approval).join(", ");
  return approval.expired
    ? `approved by default, as nobody decided in time (approval ${approval.id})`
    : `approved by ${by} (approval ${approval.id})`;
}

function entryOf(activity: Activity, input: unknown, { runId }: Asking, machineId: MachineId | undefined): Entry {
  const target = activity.target?.(input);
  const about = { ...(machineId && { machineId }), ...(target && { target }) };
  return { runId, activity: activity.name, effect: activity.effect, ...about };
}

interface Pretended {
  entry: Entry;
  /** Why it would be allowed. */
  reason: string;
  asking: Asking;
}

/** What an activity would have given, with a record of it and nothing else. */
async function pretend(activity: Activity, input: unknown, { audit }: Services, { entry, reason, asking }: Pretended) {
  await audit.record({ ...entry, event: "would-have", code: "Allowed", reason });
  if (!activity.pretend) throw new PermanentError("NotPretended", `${activity.name} cannot be pretended`);
  asking.onPretended?.();
  return activity.pretend(input);
}

const NO_USAGE = { tenant: 0, deviceGroup: 0, isCounted: false };

interface Decision {
  verdict: Verdict;
  /** An allowed containment is counted, and by what comes of it. */
  containment?: Containment;
}

interface Containment {
  succeeded(): Promise<void>;
  failed(error: unknown, isLastTry: boolean): Promise<void>;
}

/** The verdict as things stand now. */
async function decide(services: Services, question: Omit<Question, keyof Standing | "usage">): Promise<Decision> {
  const { effect, machine, runId } = question;
  const { policyState } = services;
  if (effect !== "contain" || !machine) {
    const standing = await policyState.read();
    return { verdict: judge({ ...question, ...standing, usage: NO_USAGE }) };
  }

  const machineId = machine.id;
  const place: Place = { machineId, deviceGroup: machine.rbacGroupName ?? undefined, runId };
  const taken = await policyState.takePlace(place, (now) => judge({ ...question, ...now }));
  const request = { machineId, stage: "request" } as const;
  return {
    verdict: taken.verdict,
    containment: {
      async succeeded() {
        if (taken.breaker.failures.length > 0) await countOutcomes(services, runId, [{ ...request, succeeded: true }]);
      },
      async failed(error, isLastTry) {
        if (taken.isNew && isRefused(error)) await policyState.giveBackPlace(place);
        if (isFailedRequest(error, isLastTry)) {
          await countOutcomes(services, runId, [{ ...request, succeeded: false }]);
        }
      },
    },
  };
}

/** A read is sometimes answered with 404 for a machine that is there, and with the machine a moment later. */
const PAUSES_MS = [300, 1_000];

async function readMachine({ defender }: Services, machineId: MachineId): Promise<Machine> {
  for (const pauseMs of PAUSES_MS) {
    const machine = await nullIfNotFound(defender.machines.get(machineId));
    if (machine) return machine;
    await new Promise((resume) => setTimeout(resume, pauseMs));
  }
  return defender.machines.get(machineId);
}

function describe(result: unknown): string {
  const { id, status } = (result ?? {}) as { id?: unknown; status?: unknown };
  return id === undefined ? "" : `${id}${status ? `, ${status}` : ""}`;
}
