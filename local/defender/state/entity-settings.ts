import { z } from "zod";

/** What the documentation leaves open, or says in two ways, about alerts, indicators, machines and hunting. */
export const EntitySettings = z.strictObject({
  /** The determinations an alert takes, by classification. The pages do not agree on the names. */
  determinations: z.record(z.string(), z.array(z.string())),
  /** A batch update that names an unknown alert: updates the others, or is refused with 404. */
  alertBatchWithUnknownIds: z.enum(["updateOthers", "refuse"]),
  /** A batch delete that names an unknown indicator is refused with 404; whether the others are gone all the same. */
  indicatorBatchWithUnknownIds: z.enum(["deleteOthers", "refuse"]),
  /** How many active indicators a tenant may have. */
  indicatorCapacity: z.number().int().positive(),
  /** Whether the actions `Alert` and `AlertAndBlock`, renamed in January 2022, are still taken. */
  legacyIndicatorActions: z.boolean(),
  /** Whether an indicator with another action is a second one for its value and type, in place of an update. */
  actionMakesNewIndicator: z.boolean(),
  /** What a `PATCH` of a machine's tags does with those it has: the page says both. */
  patchedMachineTags: z.enum(["replace", "add"]),
  /** A hunting result of more bytes is refused. */
  largestHuntingResultBytes: z.number().int().positive(),
});

export const defaultEntitySettings: z.infer<typeof EntitySettings> = {
  determinations: {
    TruePositive: [
      "MultiStagedAttack",
      "MaliciousUserActivity",
      "CompromisedUser",
      "Malware",
      "Phishing",
      "UnwantedSoftware",
      "Other",
    ],
    InformationalExpectedActivity: [
      "SecurityTesting",
      "LineOfBusinessApplication",
      "ConfirmedUserActivity",
      "ConfirmedActivity",
      "Other",
    ],
    FalsePositive: ["Clean", "NotMalicious", "InsufficientData", "Other"],
  },
  alertBatchWithUnknownIds: "updateOthers",
  indicatorBatchWithUnknownIds: "refuse",
  indicatorCapacity: 15_000,
  legacyIndicatorActions: false,
  actionMakesNewIndicator: false,
  patchedMachineTags: "replace",
  largestHuntingResultBytes: 50 * 1024 * 1024,
};
