import { TableClient } from "@azure/data-tables";
import { DefaultAzureCredential } from "@azure/identity";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { createLazyTable } from "./lazy-table.ts";

/** Who signs in to storage accounts where no connection string does. */
export interface StorageIdentity {
  clientId?: string | undefined;
  authorityHost?: string | undefined;
}

/** A storage account: by a connection string, else by its addresses. Holds a secret then: never log it. */
export interface StorageSettings {
  connectionString?: string | undefined;
  blobUrl: string;
  tableUrl: string;
  identity: StorageIdentity;
}

const PUBLIC_AUTHORITIES = ["login.microsoftonline.com", "login.microsoftonline.us"];

/** Connects to a storage account, without calling it. */
export function connectStorage(settings: StorageSettings) {
  const { connectionString, tableUrl, identity } = settings;
  const containerOf = containersOf(settings);
  if (connectionString !== undefined) {
    const insecure = { allowInsecureConnection: true };
    return {
      containerOf,
      tableOf: (name: string) => createLazyTable(TableClient.fromConnectionString(connectionString, name, insecure)),
    };
  }
  const credential = createStorageCredential(identity);
  return { containerOf, tableOf: (name: string) => createLazyTable(new TableClient(tableUrl, name, credential)) };
}

/** Connects to the blobs of an account, without calling it. */
export const connectBlobs = (settings: Omit<StorageSettings, "tableUrl">): BlobServiceClient =>
  settings.connectionString !== undefined
    ? BlobServiceClient.fromConnectionString(settings.connectionString)
    : new BlobServiceClient(settings.blobUrl, createStorageCredential(settings.identity));

/** The containers of an account, by name. */
export function containersOf(settings: Omit<StorageSettings, "tableUrl">): (name: string) => ContainerClient {
  const blobs = connectBlobs(settings);
  return (name) => blobs.getContainerClient(name);
}

/**
 * Storage belongs to the app, not to the tenant it defends, so it has an identity of its own: the managed identity in
 * Azure, the `AZURE_*` settings on one machine, the developer's own sign-in otherwise.
 */
function createStorageCredential({ clientId, authorityHost }: StorageIdentity): DefaultAzureCredential {
  // A private sign-in host is not in Microsoft's directory of clouds, where the library would look it up.
  const isPrivate = authorityHost !== undefined && !PUBLIC_AUTHORITIES.includes(new URL(authorityHost).hostname);
  return new DefaultAzureCredential({
    ...(clientId !== undefined && { managedIdentityClientId: clientId }),
    ...(authorityHost !== undefined && { authorityHost, disableInstanceDiscovery: isPrivate }),
  });
}
