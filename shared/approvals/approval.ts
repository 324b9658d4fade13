import { createHash } from "node:crypto";
import { z } from "zod";
import { MachineId } from "../defender/machines/machine.ts";

/** A person who may be asked: the sign-in name, in lower case, as tokens and the policy have it. */
export const PersonId = z.string().trim().toLowerCase().min(1).max(200);

/** What the question is about. `step` binds the answer to one step of the run: activity, machine and input. */
export const Subject = z.object({
  machineId: MachineId.optional(),
  deviceGroup: z.string().optional(),
  activity: z.string().optional(),
  step: z.string().optional(),
});
export type Subject = z.infer<typeof Subject>;

const minutes = z.number().positive().max(10_080);

/** A question to people. What is left out is as the policy has it. */
export const Question = z.object({
  /** Unique in the run: the same key is the same question, however often it is asked. */
  key: z.string().min(1).max(200),
  title: z.string().min(1).max(300),
  text: z.string().max(4_000),
  about: Subject.default({}),
  /** Who may answer. Empty: the approvers of the policy, and whoever has one of its roles. */
  approvers: z.array(PersonId).max(20).optional(),
  /** How many different people have to say yes; one no is enough to decline. */
  quorum: z.int().min(1).max(10).optional(),
  /** Until the question expires. */
  minutes: minutes.optional(),
  atExpiry: z.enum(["decline", "approve"]).optional(),
  remindAfterMinutes: minutes.optional(),
  escalate: z.object({ afterMinutes: minutes, channels: z.array(z.string().min(1)).min(1) }).optional(),
  /** Who asked for what is asked about: the one person who may not answer. */
  requestedBy: PersonId.optional(),
});
export type Question = z.infer<typeof Question>;

export const Answer = z.object({
  by: PersonId,
  /** The person's object id in Entra, where a token said so. */
  objectId: z.string().optional(),
  approved: z.boolean(),
  reason: z.string().max(1_000).default(""),
  via: z.enum(["token", "link", "slack"]),
  at: z.string(),
});
export type Answer = z.infer<typeof Answer>;

/** A link that answers for one approver. The secret in it is not kept. */
export const Link = z.object({ approver: PersonId, hash: z.string(), usedAt: z.string().optional() });
export type Link = z.infer<typeof Link>;

/** A question that was asked, and what came of it. */
export const Approval = z.object({
  id: z.string(),
  runId: z.string(),
  title: z.string(),
  text: z.string(),
  about: Subject,
  /** Empty: whoever has one of the policy's roles. */
  approvers: z.array(PersonId),
  quorum: z.int(),
  atExpiry: z.enum(["decline", "approve"]),
  requestedBy: PersonId.optional(),
  askedAt: z.string(),
  expiresAt: z.string(),
  remindAt: z.string().optional(),
  escalateAt: z.string().optional(),
  escalateTo: z.array(z.string()).default([]),
  /** The event the run waits for now. */
  event: z.string().optional(),
  status: z.enum(["open", "approved", "declined"]),
  /** Whether nobody decided in time. */
  expired: z.boolean().default(false),
  /** When it was approved or declined. */
  settledAt: z.string().optional(),
  /** For how many minutes after that a step may be taken by it. */
  validMinutes: z.number(),
  answers: z.array(Answer).default([]),
  links: z.array(Link).default([]),
});
export type Approval = z.infer<typeof Approval>;

/** What the run is told: never more than it may decide on. */
export const Outcome = z.object({
  approvalId: z.string(),
  approved: z.boolean(),
  /** Who said yes, or the one who said no. */
  by: z.array(z.string()),
  reason: z.string(),
  expired: z.boolean(),
});
export type Outcome = z.infer<typeof Outcome>;

/** The id of a question: the same for the same run and key. */
export const approvalIdOf = (runId: string, key: string): string =>
  createHash("sha256")
    .update(JSON.stringify([runId, key]))
    .digest("hex")
    .slice(0, 32);

export const isApprovalId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text);

/** Stands for one step of a run: activity, machine and input. */
export const stepDigest = (activity: string, machineId: string | undefined, input: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify([activity, machineId ?? null, input ?? null]))
    .digest("hex");

export const yesesOf = ({ answers }: Approval): string[] =>
  answers.filter(({ approved }) => approved).map(({ by }) => by);

/** The approval after an answer: a no declines, and enough yeses approve. */
export function withAnswer(approval: Approval, answer: Answer): Approval {
  const answered = { ...approval, answers: [...approval.answers, answer] };
  if (!answer.approved) return { ...answered, status: "declined", settledAt: answer.at };
  if (yesesOf(answered).length < approval.quorum) return answered;
  return { ...answered, status: "approved", settledAt: answer.at };
}

/** The approval once its time is over: what was not decided is what the question says for then. */
export function expire(approval: Approval, at: string): Approval {
  if (approval.status !== "open") return approval;
  const status = approval.atExpiry === "approve" ? "approved" : "declined";
  return { ...approval, status, expired: true, settledAt: at };
}

export function outcomeOf(approval: Approval): Outcome {
  const { id, status, expired, quorum, answers } = approval;
  const approved = status === "approved";
  const by = answers.filter((answer) => answer.approved === approved).map((answer) => answer.by);
  return { approvalId: id, approved, by, reason: inWords(), expired };

  function inWords(): string {
    const yeses = `${yesesOf(approval).length} of ${quorum} said yes`;
    if (expired)
      return `nobody decided in time (${yeses}); ${approved ? "then it is approved" : "then it is declined"}`;
    const why = answers.findLast((answer) => answer.approved === approved)?.reason;
    return `${status} by ${by.join(", ")}${why ? `: ${why}` : ""}`;
  }
}

/** What an approval is asked for by the gate. */
export interface Use {
  runId: string;
  activity: string;
  machineId: string | undefined;
  step: string;
}

/** Whether an approval lets a step be taken now: about this run, activity, machine and input, and not too old. */
export function permits(approval: Approval, use: Use, now: number): boolean {
  const { about, status, settledAt, validMinutes, runId } = approval;
  if (status !== "approved" || !settledAt) return false;
  const isInTime = now < Date.parse(settledAt) + validMinutes * 60_000;
  const isSame =
    runId === use.runId &&
    about.activity === use.activity &&
    about.machineId === use.machineId &&
    about.step === use.step;
  return isInTime && isSame;
}
