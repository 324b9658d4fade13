import { z } from "zod";
import { MachineId } from "../defender/machines/machine.ts";

/** What is not to be started for a while. Of several conditions all have to hold; at least one is required. */
export const Snooze = z
  .strictObject({
    tenantId: z.string().min(1).max(64).optional().describe("Only alerts of this tenant; left out: of every tenant"),
    machineId: MachineId.optional().describe("Nothing starts by itself on this machine"),
    rule: z.string().min(1).max(200).optional().describe("This automation rule starts nothing"),
    title: z.string().min(1).max(200).optional().describe("Alerts of exactly this title start nothing"),
    until: z.iso.datetime({ offset: true }).describe("When it ends by itself"),
    reason: z.string().min(1).max(500),
    by: z.string().min(1).max(200).describe("Who asks for it"),
  })
  .refine(({ machineId, rule, title }) => machineId || rule || title, "name a machineId, a rule or a title");
export type Snooze = z.infer<typeof Snooze>;

/** What a rule is about to start. */
interface Planned {
  tenantId: string;
  machineId: string;
  rule: string;
  title: string | undefined;
}

/** The snooze that keeps something from being started, if one does. */
export const snoozeOf = (
  snoozes: readonly Snooze[],
  { tenantId, machineId, rule, title }: Planned,
): Snooze | undefined =>
  snoozes.find(
    (snooze) =>
      (snooze.tenantId ?? tenantId) === tenantId &&
      (snooze.machineId ?? machineId) === machineId &&
      (snooze.rule ?? rule) === rule &&
      (snooze.title === undefined || snooze.title === title),
  );

export interface SnoozeStore {
  /** Sets a snooze, in place of one with the same conditions. @returns its id */
  set(snooze: Snooze): Promise<string>;
  /** Those that have not ended. */
  active(): Promise<(Snooze & { id: string })[]>;
  /** Ends a snooze. Safe to repeat. */
  end(id: string): Promise<void>;
}
