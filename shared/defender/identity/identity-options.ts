/** How the app proves to Entra who it is. */
export const IDENTITY_KINDS = ["default", "managed-identity", "federated", "certificate", "secret"] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

interface SignIn {
  /** The Entra sign-in host, e.g. `https://login.microsoftonline.com`. */
  authorityHost: string;
}

interface AppRegistration extends SignIn {
  /** The tenant whose devices are defended, which is not always the one the app registration comes from. */
  tenantId: string;
  /** The application (client) id of the app registration. */
  clientId: string;
}

/** The `AZURE_*` settings if they are complete, the managed identity in Azure, the developer's own sign-in otherwise. */
export interface DefaultIdentity extends SignIn {
  kind: "default";
  tenantId?: string | undefined;
  /** Of a managed identity that is not the system-assigned one. */
  clientId?: string | undefined;
}

/** The managed identity itself has the permissions. */
export interface ManagedIdentity extends SignIn {
  kind: "managed-identity";
  /** Missing: the system-assigned one. */
  clientId?: string | undefined;
}

/** An app registration, possibly of another tenant, that trusts a managed identity in place of a secret. */
export interface FederatedIdentity extends AppRegistration {
  kind: "federated";
  /** Of the user-assigned managed identity that the app registration trusts. */
  managedIdentityClientId: string;
  /** What the managed identity's token is made out to; see the table of clouds. */
  tokenExchangeAudience: string;
}

/** An app registration with a certificate: a PEM file with the certificate and its private key. */
export interface CertificateIdentity extends AppRegistration {
  kind: "certificate";
  certificatePath: string;
}

/** An app registration with a client secret. */
export interface SecretIdentity extends AppRegistration {
  kind: "secret";
  clientSecret: string;
}

/** An identity that can also act on behalf of a signed-in user. */
export type AppIdentity = FederatedIdentity | CertificateIdentity | SecretIdentity;

export type IdentityOptions = DefaultIdentity | ManagedIdentity | AppIdentity;
