import type { Alert } from "./alert.ts";
import type { Tenant } from "./tenant.ts";

/**
 * An incident as Defender XDR keeps it, with its alerts.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/api-list-incidents
 */
export type Incident = {
  incidentId: number;
  redirectIncidentId: number | null;
  incidentName: string;
  createdTime: string;
  lastUpdateTime: string;
  assignedTo: string | null;
  classification: string;
  determination: string;
  status: string;
  severity: string;
  tags: string[];
  comments: { comment: string; createdBy: string; createdTime: string }[];
  alerts: Alert[];
};

const SEVERITIES = ["UnSpecified", "Informational", "Low", "Medium", "High"];

/** Every incident, the one updated last first: those of the table `incidents`, and those that alerts belong to. */
export function allIncidents(tenant: Tenant): Incident[] {
  const alerts = Map.groupBy(tenant.alerts.values(), ({ incidentId }) => incidentId);
  const ids = new Set([...alerts.keys(), ...tenant.tables.incidents.all().map(({ incidentId }) => Number(incidentId))]);
  return [...ids]
    .filter((id) => id !== null)
    .map((id) => describe(tenant, id, alerts.get(id) ?? []))
    .sort((one, other) => (one.lastUpdateTime < other.lastUpdateTime ? 1 : -1));
}

/** The incident with this id, if there is one. */
export function findIncident(tenant: Tenant, id: string): Incident | undefined {
  const incidentId = Number(id);
  const alerts = [...tenant.alerts.values()].filter((alert) => alert.incidentId === incidentId);
  return alerts.length > 0 || tenant.tables.incidents.get(id) ? describe(tenant, incidentId, alerts) : undefined;
}

/** Keeps what was changed of an incident; the rest goes on following from its alerts. */
export function changeIncident(tenant: Tenant, { incidentId }: Incident, changes: Partial<Incident>): Incident {
  const kept = tenant.tables.incidents.get(String(incidentId)) ?? { incidentId };
  tenant.tables.put("incidents", { ...kept, ...changes });
  return findIncident(tenant, String(incidentId)) as Incident;
}

function describe(tenant: Tenant, incidentId: number, alerts: Alert[]): Incident {
  const [first] = alerts;
  const rank = Math.max(0, ...alerts.map(({ severity }) => SEVERITIES.indexOf(severity)));
  const updates = alerts.map(({ lastUpdateTime }) => lastUpdateTime ?? "").sort();
  return {
    incidentId,
    redirectIncidentId: null,
    incidentName: first?.title ?? `Incident ${incidentId}`,
    createdTime: first?.alertCreationTime ?? new Date(tenant.now()).toISOString(),
    lastUpdateTime: updates.at(-1) ?? new Date(tenant.now()).toISOString(),
    assignedTo: null,
    classification: "Unknown",
    determination: "NotAvailable",
    status: "Active",
    severity: SEVERITIES[rank] as string,
    tags: [],
    comments: [],
    ...(tenant.tables.incidents.get(String(incidentId)) as Partial<Incident> | undefined),
    alerts,
  };
}
