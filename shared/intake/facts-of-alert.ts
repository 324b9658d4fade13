import type { Alert } from "../defender/alerts/alert.ts";
import { MachineId } from "../defender/machines/machine.ts";
import type { AlertFacts } from "./alert-facts.ts";
import { normalForm } from "./normal-form.ts";

/**
 * What the alerts API says of an alert, which has the same id there as in the stream. Users are complete only where
 * evidence was asked for.
 *
 * The API gives one machine, and not its role; so it counts as hit until evidence of another source calls it related.
 * The alert's age is counted from its creation: an old alert does not become new because somebody comments on it.
 *
 * @throws ZodError when the alert or the tenant has an id that is none
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/alerts
 */
export function factsOfAlert(alert: Alert, tenantId: string): AlertFacts {
  const machineId = MachineId.safeParse(alert.machineId).data;
  const { relatedUser } = alert;
  const named = (alert.evidence ?? []).map(({ userPrincipalName, domainName, accountName }) => {
    return { upn: userPrincipalName, domain: domainName, account: accountName };
  });
  return normalForm({
    tenantId,
    alertId: alert.id,
    title: alert.title,
    severity: alert.severity,
    categories: [alert.category],
    serviceSource: isOfEndpoint(alert.id) ? "Microsoft Defender for Endpoint" : undefined,
    detectionSource: alert.detectionSource,
    techniques: alert.mitreTechniques ?? [],
    users: [...named, { domain: relatedUser?.domainName, account: relatedUser?.userName }],
    incidentId: alert.incidentId,
    machineIds: machineId ? [machineId] : [],
    publishedAt: alert.alertCreationTime ?? alert.firstEventTime,
  });
}

/**
 * Whether the id is one of Defender for Endpoint's; the API prints no product.
 *
 * @see https://learn.microsoft.com/en-us/defender-xdr/investigate-alerts#alert-sources
 */
const isOfEndpoint = (alertId: string): boolean => /^(?:da|ed|\d)/.test(alertId);
