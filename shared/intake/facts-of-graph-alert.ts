import { z } from "zod";
import type { GraphAlert, GraphEvidence } from "../defender/graph-alerts/alert.ts";
import { MachineId } from "../defender/machines/machine.ts";
import type { AlertFacts } from "./alert-facts.ts";
import { normalForm, type SaidAccount } from "./normal-form.ts";

/**
 * What Graph says of an alert, of whichever product. Its `id` is the stream's and the alerts API's; its `providerAlertId`
 * is not, as it can lack the prefix.
 *
 * Devices are hit where their roles say so. The only device of an alert counts as hit as long as no role says that it is
 * merely related; of several without a role none does, as nobody can tell which: then the alert has to be looked up.
 *
 * @throws ZodError when the alert or the tenant has an id that is none
 * @see https://learn.microsoft.com/en-us/graph/api/resources/security-alert
 */
export function factsOfGraphAlert(alert: GraphAlert, tenantId: string): AlertFacts {
  const evidence = alert.evidence ?? [];
  const also = AlsoSaid.safeParse(alert).data;
  return normalForm({
    tenantId,
    alertId: alert.id,
    title: alert.title,
    severity: alert.severity,
    categories: [alert.category, ...(also?.categories ?? [])],
    serviceSource: alert.serviceSource,
    detectionSource: alert.detectionSource,
    techniques: alert.mitreTechniques ?? [],
    users: evidence.flatMap((item) => accountIn(item) ?? []),
    incidentId: alert.incidentId,
    ...machinesIn(evidence),
    publishedAt: alert.createdDateTime ?? alert.firstActivityDateTime,
  });
}

/** Sent, though not documented. */
const AlsoSaid = z.object({ categories: z.array(z.string()) });

const kindOf = ({ "@odata.type": type }: GraphEvidence): string => type?.split(".").at(-1) ?? "";

type Machines = { machineIds: MachineId[]; impactedMachineIds: MachineId[]; relatedMachineIds: MachineId[] };

function machinesIn(evidence: readonly GraphEvidence[]): Machines {
  const devices = evidence.flatMap((item) => {
    const id = kindOf(item) === "deviceEvidence" ? MachineId.safeParse(item.mdeDeviceId).data : undefined;
    return id ? [{ id, role: roleOf(item) }] : [];
  });
  const withRole = (role: Role) => [...new Set(devices.filter((device) => device.role === role).map(({ id }) => id))];
  const impactedMachineIds = withRole("impacted");
  const isAlone = new Set(devices.map(({ id }) => id)).size === 1;
  return {
    machineIds: isAlone ? [...impactedMachineIds, ...withRole("unsaid")] : impactedMachineIds,
    impactedMachineIds,
    relatedMachineIds: withRole("related"),
  };
}

type Role = "impacted" | "related" | "unsaid";

/** What a device was to the attack. Roles that fit both, such as `attacker`, say nothing here. */
function roleOf({ roles, detailedRoles }: GraphEvidence): Role {
  const said = new Set(
    [...(roles ?? []), ...(detailedRoles ?? [])].map((role) => role.replace(/\s/g, "").toLowerCase()),
  );
  if (impacted.some((role) => said.has(role))) return "impacted";
  return related.some((role) => said.has(role)) ? "related" : "unsaid";
}

/** The first two as the documentation lists them, the others as they were seen. */
const impacted = ["compromised", "attacked", "primarydevice", "maindevice"];
const related = ["contextual", "scanned", "source", "destination"];

const Account = z.object({
  userAccount: z.object({
    userPrincipalName: z.string().nullish(),
    domainName: z.string().nullish(),
    accountName: z.string().nullish(),
  }),
});

/** Of users and mailboxes; processes run under accounts that may have nothing to do with the alert. */
function accountIn(item: GraphEvidence): SaidAccount | undefined {
  if (!["userEvidence", "mailboxEvidence"].includes(kindOf(item))) return undefined;
  const account = Account.safeParse(item).data?.userAccount;
  return account && { upn: account.userPrincipalName, domain: account.domainName, account: account.accountName };
}
