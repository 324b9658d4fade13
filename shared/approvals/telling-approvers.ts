import { z } from "zod";

/** The playbook that tells those of a question who could not be told at first. */
export const TELL_APPROVERS = "tell-approvers";

/** Of which question people are told, and why. */
export const TellingApprovers = z.object({
  approvalId: z.string().min(1),
  why: z.enum(["question", "reminder", "escalation"]),
});
export type TellingApprovers = z.infer<typeof TellingApprovers>;
