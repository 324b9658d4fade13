import { z } from "zod";
import { UtcTime } from "../odata/filter.ts";

/**
 * A value Defender watches out for on machines, and what it does about it. An empty list of device groups means all.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/ti-indicator
 */
export const Indicator = z.looseObject({
  id: z.string(),
  indicatorValue: z.string().nullish(),
  indicatorType: z.string().nullish(),
  action: z.string().nullish(),
  application: z.string().nullish(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  recommendedActions: z.string().nullish(),
  severity: z.string().nullish(),
  sourceType: z.string().nullish(),
  /** Also seen as `createdBySource`. */
  source: z.string().nullish(),
  createdBy: z.string().nullish(),
  lastUpdatedBy: z.string().nullish(),
  creationTimeDateTimeUtc: z.string().nullish(),
  lastUpdateTime: z.string().nullish(),
  expirationTime: z.string().nullish(),
  rbacGroupNames: z.array(z.string()).nullish(),
  generateAlert: z.boolean().nullish(),
});
export type Indicator = z.infer<typeof Indicator>;

export const IndicatorType = z.enum([
  "FileSha1",
  "FileSha256",
  "FileMd5",
  "CertificateThumbprint",
  "IpAddress",
  "DomainName",
  "Url",
]);
export type IndicatorType = z.infer<typeof IndicatorType>;

/** `Alert` and `AlertAndBlock` are the names of `Audit` and `BlockAndRemediate` until 2022: new ones may be refused. */
export const IndicatorAction = z.enum([
  "Allowed",
  "Audit",
  "Warn",
  "Block",
  "BlockAndRemediate",
  "Alert",
  "AlertAndBlock",
]);
export type IndicatorAction = z.infer<typeof IndicatorAction>;

/** An indicator to create, or to change: one of the same value, type and action is the same. */
export const NewIndicator = z.object({
  indicatorValue: z.string().min(1).describe("No address range; IPv6 with all its eight groups"),
  indicatorType: IndicatorType,
  action: IndicatorAction,
  title: z.string().min(1).describe("The title of the alerts it raises"),
  description: z.string().min(1),
  application: z
    .string()
    .optional()
    .describe("What users are shown in place of the value; heeded at creation only, not at a change"),
  expirationTime: UtcTime.optional().describe("When it ends; never, if left out"),
  severity: z.enum(["Informational", "Low", "Medium", "High"]).optional(),
  recommendedActions: z.string().optional(),
  rbacGroupNames: z.array(z.string()).optional().describe("The device groups it holds for; all, if left out or empty"),
  educateUrl: z.string().optional().describe("Where users may read why, for Block and Warn on addresses"),
  generateAlert: z.boolean().optional().describe("Must be true with Audit"),
});
export type NewIndicator = z.infer<typeof NewIndicator>;

const ON_NETWORK: readonly string[] = ["Allowed", "Audit", "Warn", "Block"];
const ON_FILES: readonly string[] = [...ON_NETWORK, "BlockAndRemediate"];
const ON_CERTIFICATES: readonly string[] = ["Allowed", "BlockAndRemediate"];

/** @see https://learn.microsoft.com/en-us/defender-endpoint/indicators-overview */
const APPLICABLE: Record<IndicatorType, readonly string[]> = {
  FileSha1: ON_FILES,
  FileSha256: ON_FILES,
  FileMd5: ON_FILES,
  CertificateThumbprint: ON_CERTIFICATES,
  IpAddress: ON_NETWORK,
  DomainName: ON_NETWORK,
  Url: ON_NETWORK,
};

/** Why Defender would refuse an indicator, or have no use for it; `undefined` if nothing speaks against it. */
export function objectionTo({ indicatorType, action, generateAlert }: NewIndicator): string | undefined {
  const actions = APPLICABLE[indicatorType];
  if (!actions.includes(action)) return `${action} is not for ${indicatorType}, which takes ${actions.join(", ")}`;
  if (action === "Audit" && !generateAlert) return "Audit only raises alerts: generateAlert must be true";
  return undefined;
}

/** An indicator that Defender can be expected to take. */
export const SubmittableIndicator = NewIndicator.superRefine((indicator, context) => {
  const message = objectionTo(indicator);
  if (message) context.addIssue({ code: "custom", message });
});

/** What became of one imported indicator. */
export const ImportResult = z.looseObject({
  id: z.string().nullish(),
  indicator: z.string(),
  isFailed: z.boolean(),
  failureReason: z.string().nullish(),
});
export type ImportResult = z.infer<typeof ImportResult>;
