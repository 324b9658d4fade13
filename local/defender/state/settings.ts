import { z } from "zod";
import { MachineActionType } from "./machine-action.ts";

const Milliseconds = z.number().min(0);

/** How long a machine action takes, counted from the moment the machine takes the request. */
export const ActionDelays = z.strictObject({ inProgressAfterMs: Milliseconds, finalAfterMs: Milliseconds });
export type ActionDelays = z.infer<typeof ActionDelays>;

/** What can be changed while the simulator runs. */
export const Settings = z.strictObject({
  /** Default for every type of machine action. 0 and 0 means: finished at the first read. */
  actionDelays: ActionDelays.default({ inProgressAfterMs: 300, finalAfterMs: 900 }),
  /** Exceptions from `actionDelays`, by type. */
  actionDelaysByType: z.partialRecord(MachineActionType, ActionDelays).default({}),
  /** Whether calls over Defender's limits are refused with 429. */
  throttling: z.boolean().default(true),
  /** Multiplies every limit: 0.1 makes 10 calls a minute of 100. */
  limitScale: z.number().positive().default(1),
  /** Every answer waits this long. */
  latencyMs: Milliseconds.default(0),
  /** Machines and alerts nobody added are made up when first asked for, if their id could be a real one. */
  autoCreate: z.boolean().default(false),
  /** How long the link to an investigation package can be followed. Defender does not say; this is a guess. */
  packageLinkLifetimeMs: Milliseconds.default(15 * 60_000),
  /** How long an access token is valid. */
  tokenLifetimeSeconds: z.number().positive().default(3599),
  /**
   * Whether a new machine action is answered without `machineId`, `computerDnsName` and `scope`.
   * The live service has been seen to do so, though the documentation prints all three.
   */
  sparseNewActions: z.boolean().default(false),
});
export type Settings = z.infer<typeof Settings>;

/** Changes to the settings; what is missing stays as it is. */
export const SettingsChanges = z.strictObject({
  actionDelays: ActionDelays.optional(),
  actionDelaysByType: z.partialRecord(MachineActionType, ActionDelays).optional(),
  throttling: z.boolean().optional(),
  limitScale: z.number().positive().optional(),
  latencyMs: Milliseconds.optional(),
  autoCreate: z.boolean().optional(),
  packageLinkLifetimeMs: Milliseconds.optional(),
  tokenLifetimeSeconds: z.number().positive().optional(),
  sparseNewActions: z.boolean().optional(),
});
export type SettingsChanges = z.input<typeof SettingsChanges>;
