import { z } from "zod";
import { Severity } from "../severity.ts";

/** What people may be told of. */
export const NotificationEvent = z.enum([
  "question",
  "reminder",
  "escalation",
  "containment",
  "leaseReleaseFailed",
  "circuitBreakerOpened",
]);
export type NotificationEvent = z.infer<typeof NotificationEvent>;

/** What people are told. The texts may come from an attacker: every channel shows them as they are, and as nothing else. */
export const Notification = z.object({
  /** Tells the notifications of a run apart: one with the same key is sent once to each channel. */
  key: z.string().min(1),
  event: NotificationEvent,
  title: z.string().min(1),
  text: z.string(),
  facts: z.array(z.object({ name: z.string().min(1), value: z.string() })).default([]),
  /** Absent: it goes to every channel that wants the event. */
  severity: Severity.optional(),
  /** Where it asks something that can be answered in the channel. */
  questionId: z.string().optional(),
});
export type Notification = z.infer<typeof Notification>;

/** What became of a notification on one channel. */
export const Delivery = z.object({
  channel: z.string(),
  outcome: z.enum(["sent", "failed", "already-sent"]),
  reason: z.string().optional(),
});
export type Delivery = z.infer<typeof Delivery>;
