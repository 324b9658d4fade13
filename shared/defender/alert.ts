import { z } from "zod";

/**
 * e.g. `da637472900382838869_1364969609`. The alphabet is checked because the id comes from outside and becomes part
 * of a path.
 */
export const AlertId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, "an alert id has letters, digits, - and _ only")
  .brand("AlertId");
export type AlertId = z.infer<typeof AlertId>;

/** The fields playbooks use. @see https://learn.microsoft.com/en-us/defender-endpoint/api/alerts */
export const Alert = z.object({
  id: z.string(),
  incidentId: z.number().nullish(),
  title: z.string().nullish(),
  severity: z.string().nullish(),
  status: z.string().nullish(),
  category: z.string().nullish(),
  detectionSource: z.string().nullish(),
  mitreTechniques: z
    .array(z.string())
    .nullish()
    .transform((techniques) => techniques ?? []),
  machineId: z.string().nullish(),
  computerDnsName: z.string().nullish(),
  comments: z
    .array(z.object({ comment: z.string().nullish() }))
    .nullish()
    .transform((comments) => comments ?? []),
});
export type Alert = z.infer<typeof Alert>;
