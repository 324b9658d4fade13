import { z } from "zod";
import { MachineFields } from "../state/machine.ts";
import { MachineActionType } from "../state/machine-action.ts";

/** A machine to add: the fields that matter, and how it behaves. */
export const MachineOrder = MachineFields.extend({
  /** Out of reach from the start. @default false */
  offline: z.boolean().optional(),
  /** Types of machine action that end in `Failed` on it. */
  failing: z.partialRecord(MachineActionType, z.boolean()).optional(),
});
export type MachineOrder = z.input<typeof MachineOrder>;

export const ClockOrder = z.strictObject({ advanceMs: z.number().min(0) });

/** One or many. */
export const oneOrMany = <T extends z.ZodType>(schema: T) =>
  z.union([z.array(schema), schema.transform((one) => [one])]);
