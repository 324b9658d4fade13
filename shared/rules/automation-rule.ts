import { z } from "zod";
import { Mode } from "../mode.ts";
import { Condition } from "./condition.ts";

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A length of time as people write it: `90s`, `30m`, `4h`, `1d`. */
const CoolDown = z.string().regex(/^[1-9]\d{0,4}[smhd]$/, "a length of time has the form 90s, 30m, 4h or 1d");

/** The end of a day counts in UTC. */
const Expiry = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: 'write a day, "2026-03-31", or a moment with its zone, "2026-03-31T18:00:00Z"',
});

/** "When an alert looks so, start that playbook." */
export const AutomationRule = z.strictObject({
  name: z.string().trim().min(1).max(200).describe("What people read in decisions, snoozes and explanations"),
  enabled: z.boolean().default(true),
  expires: Expiry.optional().describe("After this day (UTC) or moment the rule is off"),
  when: Condition,
  playbook: z.string().min(1).describe("The playbook it starts, on each machine that was hit"),
  with: z
    .record(z.string(), z.unknown())
    .default({})
    .describe("Parameters of the playbook, beside the alert and the machine"),
  mode: Mode.default("act").describe("Whether the run acts, asks a person first, or only records what it would do"),
  coolDown: CoolDown.optional().describe("For so long after a run this rule starts nothing new on the machine: 4h"),
  // biome-ignore lint/suspicious/noThenProperty: it is what the file says, and no rule is ever awaited
  then: z
    .enum(["stop", "continue"])
    .default("stop")
    .describe("Whether later rules are still looked at once this one matches"),
});
export type AutomationRule = z.infer<typeof AutomationRule>;

/** `config/automation-rules.yaml`. Rules count in their order. */
export const AutomationRules = z.strictObject({ rules: rulesOf(AutomationRule) });

/** Rules each of which is as `Rule` has it, no two of one name. */
export function rulesOf<Rule extends typeof AutomationRule>(rule: Rule) {
  return z.array(rule).superRefine((rules, context) => {
    const names = rules.map(({ name }) => name);
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      context.addIssue({ code: "custom", path: [index, "name"], message: `another rule is named "${name}" too` });
    }
  });
}

/** When a rule no longer counts, if ever. */
export function endOf({ expires }: Pick<AutomationRule, "expires">): Date | undefined {
  if (expires === undefined) return undefined;
  const isDay = !expires.includes("T");
  return new Date(isDay ? Date.parse(`${expires}T00:00:00Z`) + UNITS.d : expires);
}

/** A length of time such as `4h`, in milliseconds. */
export const millisecondsOf = (length: string): number =>
  Number(length.slice(0, -1)) * UNITS[length.at(-1) as keyof typeof UNITS];
