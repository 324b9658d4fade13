import { z } from "zod";
import { defaultEntitySettings, EntitySettings } from "./entity-settings.ts";
import { MachineActionType } from "./machine-action.ts";
import { defaultResponseSettings, ResponseSettings } from "./response-settings.ts";

const Milliseconds = z.number().min(0);

/** How long a machine action takes, counted from the moment the machine takes the request. */
export const ActionDelays = z.strictObject({ inProgressAfterMs: Milliseconds, finalAfterMs: Milliseconds });
export type ActionDelays = z.infer<typeof ActionDelays>;

/** What can be changed while the simulator runs. */
export const Settings = z.strictObject({
  /** For every type of machine action. 0 and 0 means: finished at the first read. */
  actionDelays: ActionDelays,
  /** Exceptions from `actionDelays`, by type. */
  actionDelaysByType: z.partialRecord(MachineActionType, ActionDelays),
  /** Whether calls over Defender's limits are refused with 429. */
  throttling: z.boolean(),
  /** Multiplies every limit: 0.1 makes 10 calls a minute of 100. */
  limitScale: z.number().positive(),
  /** Every answer waits this long. */
  latencyMs: Milliseconds,
  /** Whether machines and alerts nobody added are made up when asked for, if their id could be a real one. */
  autoCreate: z.boolean(),
  /** How long the link to an investigation package can be followed. */
  packageLinkLifetimeMs: Milliseconds,
  /** How long an access token is valid. */
  tokenLifetimeSeconds: z.number().positive(),
  /** Tenants that the sign-in service knows beside the simulator's own, by id. */
  otherTenants: z.array(z.string().toLowerCase()),
  /**
   * Whether a new machine action is answered without `machineId`, `computerDnsName` and `scope`.
   * The live service has been seen to do so, though the documentation prints all three.
   */
  sparseNewActions: z.boolean(),
  /** By how much the tenant's clock is wrong: every time it prints, and the `Date` header. Negative for a clock that is slow. */
  clockSkewMs: z.number(),
  ...ResponseSettings.shape,
  ...EntitySettings.shape,
});
export type Settings = z.infer<typeof Settings>;

/** Changes to the settings; what is missing stays as it is. */
export const SettingsChanges = Settings.partial();
export type SettingsChanges = z.input<typeof SettingsChanges>;

export const defaultSettings: Settings = {
  actionDelays: { inProgressAfterMs: 300, finalAfterMs: 900 },
  actionDelaysByType: {},
  throttling: true,
  limitScale: 1,
  latencyMs: 0,
  autoCreate: false,
  // Defender only says that the link is short-lived.
  packageLinkLifetimeMs: 15 * 60_000,
  tokenLifetimeSeconds: 3599,
  otherTenants: [],
  sparseNewActions: false,
  clockSkewMs: 0,
  ...defaultResponseSettings,
  ...defaultEntitySettings,
};
