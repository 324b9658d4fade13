import type { Alert } from "../state/alert.ts";
import type { Settings } from "../state/settings.ts";
import { ApiError } from "./error.ts";
import { readParameters } from "./parameters.ts";

/** What an update may say about an alert, on either API. */
export interface AlertChanges {
  status?: string;
  assignedTo?: string;
  classification?: string;
  determination?: string;
  comment?: string;
}

/**
 * Reads an update in the spelling of the Defender API.
 *
 * @throws ApiError `InvalidRequestBody` for other fields, `InvalidInput` for values that are not known
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/update-alert
 */
export function readAlertChanges(body: unknown, { determinations }: Settings): AlertChanges {
  return readParameters(body, {
    status: { oneOf: ["New", "InProgress", "Resolved"] },
    assignedTo: {},
    classification: { oneOf: Object.keys(determinations) },
    determination: { oneOf: [...new Set(Object.values(determinations).flat())] },
    comment: {},
  });
}

/**
 * The alert with the changes made.
 *
 * @throws ApiError `InvalidInput` for a determination that does not go with the alert's classification
 */
export function changedAlert(
  alert: Alert,
  { comment, ...changes }: AlertChanges,
  { by, time, settings }: { by: string; time: string; settings: Settings },
): Alert {
  const classification = changes.classification ?? alert.classification;
  const fitting = classification && settings.determinations[classification];
  if (changes.determination && fitting && !fitting.includes(changes.determination)) {
    const message = `The determination '${changes.determination}' does not go with '${classification}'.`;
    throw new ApiError(400, "InvalidInput", message);
  }
  return {
    ...alert,
    ...changes,
    ...(changes.status && { resolvedTime: changes.status === "Resolved" ? time : null }),
    lastUpdateTime: time,
    comments: comment ? [...alert.comments, { comment, createdBy: by, createdTime: time }] : alert.comments,
  };
}
