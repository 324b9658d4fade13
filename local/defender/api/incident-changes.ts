import { changeIncident, findIncident, type Incident } from "../state/incident.ts";
import { toDefenderTime } from "../state/timestamp.ts";
import { ApiError, notFound } from "./error.ts";
import { readList, readObject, readParameters } from "./parameters.ts";
import type { Call } from "./route.ts";

/** What may be said of an incident, besides what only one of the APIs takes. */
export interface IncidentChanges {
  status?: string;
  assignedTo?: string;
  classification?: string;
  determination?: string;
  tags?: string[];
  comment?: string;
}

const MOST_TAGS = 1000;

export function incidentOf({ simulator, ids: { incidentId = "" } }: Call): Incident {
  const incident = findIncident(simulator.tenant, incidentId);
  if (!incident) throw notFound("Incident", incidentId);
  return incident;
}

/**
 * Reads an update in the spelling of Defender XDR.
 *
 * @throws ApiError `InvalidRequestBody` for other fields, `InvalidInput` for values that are not known
 * @see https://learn.microsoft.com/en-us/defender-xdr/api-update-incidents
 */
export function readIncidentChanges({ simulator }: Call, body: unknown): IncidentChanges {
  const { tags, ...texts } = readObject(body);
  const { determinations } = simulator.settings.current;
  const changes = readParameters(texts, {
    status: { oneOf: ["Active", "Resolved", "InProgress", "Redirected"] },
    assignedTo: {},
    classification: { oneOf: ["Unknown", ...Object.keys(determinations)] },
    determination: { oneOf: [...new Set(["NotAvailable", ...Object.values(determinations).flat()])] },
    comment: {},
  });
  return { ...changes, ...(tags !== undefined && { tags: readList("tags", tags, MOST_TAGS, 0) }) };
}

/** Makes the changes, if the determination goes with the classification. */
export function updateIncident(call: Call, { comment, ...changes }: IncidentChanges): Incident {
  const { tenant, settings } = call.simulator;
  const incident = incidentOf(call);
  const classification = changes.classification ?? incident.classification;
  const fitting = settings.current.determinations[classification];
  if (changes.determination && !fitting?.includes(changes.determination)) {
    const message = `The determination '${changes.determination}' does not go with '${classification}'.`;
    throw new ApiError(400, "BadRequest", message);
  }
  const time = toDefenderTime(tenant.now());
  const comments = [...incident.comments, ...(comment ? [{ comment, createdBy: call.appId, createdTime: time }] : [])];
  return changeIncident(tenant, incident, { ...changes, comments, lastUpdateTime: time });
}
