import { TableClient } from "@azure/data-tables";
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient } from "@azure/storage-blob";
import { createTableAuditLog } from "../shared/audit/audit-log.ts";
import { createTableCaseStore } from "../shared/cases/table-case-store.ts";
import type { Config } from "../shared/config.ts";
import { createBlobDeadLetterStore } from "../shared/dead-letters/dead-letter-store.ts";
import { createDefenderClient } from "../shared/defender/client.ts";
import { createCredential } from "../shared/defender/identity/create-credential.ts";
import { createBlobEvidenceStore } from "../shared/evidence/evidence-store.ts";
import { createTableAlertStore } from "../shared/intake/alert-store.ts";
import { createTableDecisionLog } from "../shared/intake/decision-log.ts";
import { createTableKnownMachines } from "../shared/intake/known-machines.ts";
import { createTablePendingAlerts } from "../shared/intake/pending-alerts.ts";
import type { Services } from "../shared/services.ts";
import { createTableSnoozeStore } from "../shared/snoozes/table-snooze-store.ts";
import { createLazyTable } from "../shared/storage/lazy-table.ts";
import { createTableTicketStore } from "../shared/tickets/table-ticket-store.ts";
import { createTableWatchStore } from "../shared/watches/table-watch-store.ts";

const PUBLIC_AUTHORITIES = ["login.microsoftonline.com", "login.microsoftonline.us"];

/** Builds a client for everything outside, without calling any of it. */
export function connect(config: Config, files: Pick<Services, "policy" | "rules" | "sharedPlaybooks">) {
  const { tableOf, containerOf } = createStorage(config.storage);

  const ofAlerts = {
    alerts: tableOf("alerts"),
    pending: tableOf("pending"),
    cases: tableOf("cases"),
    decisions: tableOf("decisions"),
    machines: tableOf("machines"),
  };

  return {
    ...files,
    defender: createDefenderClient({
      services: config.services,
      credential: createCredential(config.identity),
      hunting: config.defender.hunting,
      timeoutMs: config.defender.timeoutMs,
      limitScale: config.defender.limitScale,
    }),
    tickets: createTableTicketStore(tableOf("tickets")),
    audit: createTableAuditLog(tableOf("audit")),
    alerts: createTableAlertStore(ofAlerts.alerts),
    pending: createTablePendingAlerts(ofAlerts.pending),
    cases: createTableCaseStore(ofAlerts.cases),
    snoozes: createTableSnoozeStore(tableOf("snoozes")),
    decisions: createTableDecisionLog(ofAlerts.decisions),
    knownMachines: createTableKnownMachines(ofAlerts.machines),
    watches: createTableWatchStore(tableOf("watches"), config.defender.tenantId),
    evidence: createBlobEvidenceStore(containerOf("evidence")),
    deadLetters: createBlobDeadLetterStore(containerOf("dead-letters")),
    /** What is forgotten some time after the alert, by the name of the table. */
    forgotten: new Map(Object.entries(ofAlerts)),
  };
}

/**
 * Storage belongs to the app, not to the tenant it defends, so it has an identity of its own: the managed identity in
 * Azure, the `AZURE_*` settings on one machine, the developer's own sign-in otherwise.
 */
function createStorageCredential({ clientId, authorityHost }: Config["storage"]["identity"]): DefaultAzureCredential {
  // A private sign-in host is not in Microsoft's directory of clouds, where the library would look it up.
  const isPrivate = authorityHost !== undefined && !PUBLIC_AUTHORITIES.includes(new URL(authorityHost).hostname);
  return new DefaultAzureCredential({
    ...(clientId !== undefined && { managedIdentityClientId: clientId }),
    ...(authorityHost !== undefined && { authorityHost, disableInstanceDiscovery: isPrivate }),
  });
}

function createStorage({ connectionString, blobUrl, tableUrl, identity }: Config["storage"]) {
  if (connectionString !== undefined) {
    const blobs = BlobServiceClient.fromConnectionString(connectionString);
    return {
      containerOf: (name: string) => blobs.getContainerClient(name),
      tableOf: (name: string) =>
        createLazyTable(TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true })),
    };
  }
  const credential = createStorageCredential(identity);
  const blobs = new BlobServiceClient(blobUrl, credential);
  return {
    containerOf: (name: string) => blobs.getContainerClient(name),
    tableOf: (name: string) => createLazyTable(new TableClient(tableUrl, name, credential)),
  };
}
