import type { StorageIdentity, StorageSettings } from "./connect-storage.ts";

/** App settings by name; one that is blank counts as not set. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Who signs in to storage accounts, as the app settings say. */
const identityOf = (settings: Settings): StorageIdentity => ({
  clientId: settings.AZURE_CLIENT_ID || undefined,
  authorityHost: settings.AZURE_AUTHORITY_HOST || undefined,
});

/** The app's own storage account, as its settings name it: by the names of the Functions host. */
export function ownStorage(settings: Settings): StorageSettings {
  const url = (service: string) =>
    settings[`AzureWebJobsStorage__${service}ServiceUri`] ||
    `https://${settings.AzureWebJobsStorage__accountName}.${service}.core.windows.net`;
  return {
    identity: identityOf(settings),
    connectionString: settings.AzureWebJobsStorage || undefined,
    blobUrl: url("blob"),
    tableUrl: url("table"),
  };
}

/** The account Defender exports to, as the app settings name it; nothing where they name none. */
export function exportStorage(settings: Settings): Omit<StorageSettings, "tableUrl"> | undefined {
  const { ALERT_EXPORT_CONNECTION: connectionString, ALERT_EXPORT_ACCOUNT_URL: blobUrl } = settings;
  if (!connectionString && !blobUrl) return undefined;
  return { identity: identityOf(settings), connectionString: connectionString || undefined, blobUrl: blobUrl ?? "" };
}

/** The account that evidence is kept in: one of its own where the app settings name one, else that of the app. */
export function evidenceStorage(settings: Settings): Omit<StorageSettings, "tableUrl"> {
  const { EVIDENCE_ACCOUNT_URL: blobUrl } = settings;
  return blobUrl ? { identity: identityOf(settings), blobUrl } : ownStorage(settings);
}
