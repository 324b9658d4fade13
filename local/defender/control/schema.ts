import { z } from "zod";
import { LiveResponseBehaviour } from "../state/live-response.ts";
import { MachineFields } from "../state/machine.ts";
import { ActionOutcome, MachineActionType } from "../state/machine-action.ts";

/** A machine to add: the fields that matter, and how it behaves. */
export const MachineOrder = MachineFields.extend({
  /** Out of reach from the start. @default false */
  offline: z.boolean().optional(),
  /** Types of machine action that end in `Failed` on it. */
  failing: z.partialRecord(MachineActionType, z.boolean()).optional(),
  /** What live response meets on it. */
  liveResponse: LiveResponseBehaviour.optional(),
});
export type MachineOrder = z.input<typeof MachineOrder>;

/** How a machine action is to go on, in milliseconds from now. */
export const ActionCourse = z.strictObject({
  inProgressAfterMs: z.number().min(0).default(0),
  finalAfterMs: z.number().min(0).default(0),
  outcome: ActionOutcome.default("Succeeded"),
});
export type ActionCourseOrder = z.input<typeof ActionCourse>;

export const ClockOrder = z.strictObject({ advanceMs: z.number().min(0) });

/** One or many. */
export const oneOrMany = <T extends z.ZodType>(schema: T) =>
  z.union([z.array(schema), schema.transform((one) => [one])]);
