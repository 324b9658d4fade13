import { z } from "zod";
import { Severity } from "../severity.ts";

/** "When an alert looks so, start that playbook." */
export const AutomationRule = z.strictObject({
  name: z.string().min(1),
  enabled: z.boolean().default(true),
  when: z.strictObject({
    /** Any of these. */
    severity: z.array(Severity).min(1),
  }),
  playbook: z.string().min(1),
  /** Parameters of the playbook, beside the alert and the machine. */
  with: z.record(z.string(), z.unknown()).default({}),
});
export type AutomationRule = z.infer<typeof AutomationRule>;

/** `config/automation-rules.yaml`. The first rule that matches is used. */
export const AutomationRules = z.strictObject({
  rules: z.array(AutomationRule).superRefine((rules, context) => {
    const names = rules.map(({ name }) => name);
    for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index))) {
      context.addIssue({ code: "custom", message: `two rules are named "${name}"` });
    }
  }),
});
