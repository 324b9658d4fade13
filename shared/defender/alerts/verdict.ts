import { z } from "zod";

/** What an alert turned out to be. */
export const Classification = z.enum(["TruePositive", "InformationalExpectedActivity", "FalsePositive"]);
export type Classification = z.infer<typeof Classification>;

/**
 * Why, by classification, in the names of the page about alerts.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/alerts
 */
export const DETERMINATIONS = {
  TruePositive: [
    "MultiStagedAttack",
    "MaliciousUserActivity",
    "CompromisedUser",
    "Malware",
    "Phishing",
    "UnwantedSoftware",
    "Other",
  ],
  InformationalExpectedActivity: ["SecurityTesting", "LineOfBusinessApplication", "ConfirmedUserActivity", "Other"],
  FalsePositive: ["Clean", "InsufficientData", "Other"],
} as const satisfies Record<Classification, readonly string[]>;

export type Determination = (typeof DETERMINATIONS)[Classification][number];
export const Determination = z.enum(Object.values(DETERMINATIONS).flat() as [Determination, ...Determination[]]);

/** Why an alert was false. */
export const FalsePositiveDetermination = z.enum(DETERMINATIONS.FalsePositive);

/**
 * What the page about updating calls some of them, or what was seen to be taken: which spelling a tenant takes is not
 * documented in one place.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/update-alert
 */
export const OTHER_SPELLINGS: Partial<Record<Determination, string>> = {
  ConfirmedUserActivity: "ConfirmedActivity",
  Clean: "NotMalicious",
  InsufficientData: "NoEnoughDataToValidate",
};

/** What an alert turned out to be, and why. */
export interface Verdict {
  classification?: Classification | undefined;
  determination?: Determination | undefined;
}
