import type { Alert } from "../../state/alert.ts";
import type { Tenant } from "../../state/tenant.ts";
import { graphEvidence } from "./evidence.ts";
import { toGraph } from "./spelling.ts";

export type GraphAlert = ReturnType<typeof graphAlert>;

const PORTAL = "https://security.microsoft.com";

export const portalLink = (kind: "alerts" | "incidents", id: string | number, tenantId: string): string =>
  `${PORTAL}/${kind}/${id}?tid=${tenantId}`;

/**
 * An alert as Microsoft Graph prints it.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/security-alert
 */
export const graphAlert = (alert: Alert, tenant: Tenant) => ({
  "@odata.type": "#microsoft.graph.security.alert",
  id: alert.id,
  providerAlertId: alert.id,
  incidentId: alert.incidentId === null ? null : String(alert.incidentId),
  status: toGraph(alert.status),
  severity: toGraph(alert.severity),
  classification: toGraph(alert.classification),
  determination: toGraph(alert.determination),
  serviceSource: alert.serviceSource ?? "microsoftDefenderForEndpoint",
  detectionSource: alert.detectionSource === "WindowsDefenderAv" ? "antivirus" : toGraph(alert.detectionSource),
  productName: "Microsoft Defender for Endpoint",
  detectorId: alert.detectorId,
  tenantId: tenant.id,
  title: alert.title,
  description: alert.description,
  recommendedActions: "",
  category: alert.category,
  assignedTo: alert.assignedTo,
  alertWebUrl: portalLink("alerts", alert.id, tenant.id),
  incidentWebUrl: alert.incidentId === null ? null : portalLink("incidents", alert.incidentId, tenant.id),
  actorDisplayName: null,
  threatDisplayName: alert.threatName,
  threatFamilyName: alert.threatFamilyName,
  mitreTechniques: alert.mitreTechniques,
  createdDateTime: alert.alertCreationTime,
  lastUpdateDateTime: alert.lastUpdateTime,
  resolvedDateTime: alert.resolvedTime,
  firstActivityDateTime: alert.firstEventTime,
  lastActivityDateTime: alert.lastEventTime,
  comments: graphComments(alert),
  evidence: graphEvidence(alert, tenant.machines.get(alert.machineId ?? "")?.machine),
  systemTags: [],
});

export const graphComments = ({ comments }: Pick<Alert, "comments">) =>
  comments.map(({ comment, createdBy, createdTime }) => ({
    "@odata.type": "#microsoft.graph.security.alertComment",
    comment,
    createdByDisplayName: createdBy,
    createdDateTime: createdTime,
  }));
