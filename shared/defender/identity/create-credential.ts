import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  type GetTokenOptions,
  ManagedIdentityCredential,
  OnBehalfOfCredential,
  type TokenCredential,
} from "@azure/identity";
import { clouds } from "../clouds.ts";
import type { AppIdentity, FederatedIdentity, IdentityOptions } from "./identity-options.ts";
import { type SignInAttempt, toSignInError } from "./sign-in-error.ts";

/**
 * The credential of the app itself. Nothing is asked or read before the first token.
 *
 * Its failures are in the words of `toSignInError`.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export const createCredential = (identity: IdentityOptions): TokenCredential =>
  explained(identity, credentialOf(identity));

/**
 * The credential of the app acting for a signed-in user: what it may do is what both may.
 *
 * @param userAssertion the access token the user sent to this app; made out to the app, and never logged
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export function onBehalfOf(identity: AppIdentity, userAssertion: string): TokenCredential {
  const { tenantId, clientId } = identity;
  const usual = { ...signInOptions(identity), tenantId, clientId, userAssertionToken: userAssertion };
  return explained(identity, identity.kind === "federated" ? checked(identity, credential()) : credential());

  function credential(): TokenCredential {
    switch (identity.kind) {
      case "federated":
        return new OnBehalfOfCredential({ ...usual, getAssertion: assertionOf(identity) });
      case "certificate":
        return new OnBehalfOfCredential({ ...usual, certificatePath: identity.certificatePath });
      case "secret":
        return new OnBehalfOfCredential({ ...usual, clientSecret: identity.clientSecret });
    }
  }
}

function credentialOf(identity: IdentityOptions): TokenCredential {
  const options = signInOptions(identity);
  switch (identity.kind) {
    case "default":
      return new DefaultAzureCredential({
        ...options,
        ...(identity.tenantId !== undefined && { tenantId: identity.tenantId }),
        ...(identity.clientId !== undefined && { managedIdentityClientId: identity.clientId }),
      });
    case "managed-identity":
      return managedIdentity(identity.clientId);
    case "federated":
      return checked(
        identity,
        new ClientAssertionCredential(identity.tenantId, identity.clientId, assertionOf(identity), options),
      );
    case "certificate": {
      const { tenantId, clientId, certificatePath } = identity;
      return new ClientCertificateCredential(tenantId, clientId, certificatePath, options);
    }
    case "secret":
      return new ClientSecretCredential(identity.tenantId, identity.clientId, identity.clientSecret, options);
  }
}

/**
 * A managed identity's token, which the app registration trusts as it would a secret.
 *
 * @see https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
function assertionOf({ managedIdentityClientId, tokenExchangeAudience }: FederatedIdentity): () => Promise<string> {
  const credential = managedIdentity(managedIdentityClientId);
  return async () => (await credential.getToken(`${tokenExchangeAudience}/.default`)).token;
}

/** Asks for the managed identity's token first: why it cannot be had would be lost inside the library. */
function checked(identity: FederatedIdentity, credential: TokenCredential): TokenCredential {
  const getAssertion = assertionOf(identity);
  return {
    async getToken(scope: string | string[], options?: GetTokenOptions) {
      await getAssertion();
      return credential.getToken(scope, options);
    },
  };
}

const managedIdentity = (clientId: string | undefined): ManagedIdentityCredential =>
  new ManagedIdentityCredential({ ...(clientId !== undefined && { clientId }), ...AT_ONCE });

/** The platform tries a step again; a library that waits for minutes, as `Retry-After` may ask, would hold an activity. */
const AT_ONCE = { retryOptions: { maxRetries: 0 } };

const MICROSOFTS_HOSTS = Object.values(clouds).map(({ authorityHost }) => new URL(authorityHost).hostname);

function signInOptions({ authorityHost }: IdentityOptions) {
  // A private sign-in host is not in Microsoft's directory of clouds, where the library would look it up.
  const isPrivate = !MICROSOFTS_HOSTS.includes(new URL(authorityHost).hostname);
  return { authorityHost, disableInstanceDiscovery: isPrivate, ...AT_ONCE };
}

function explained(identity: IdentityOptions, credential: TokenCredential): TokenCredential {
  return {
    async getToken(scope: string | string[], options?: GetTokenOptions) {
      try {
        return await credential.getToken(scope, options);
      } catch (cause) {
        const attempt = describe(identity, [scope].flat().join(" "));
        throw toSignInError(isUnknownPlace(cause) ? await whyUnknown(identity, cause) : cause, attempt);
      }
    },
  };
}

/** What may be told about an identity: everything but its secret. */
function describe(identity: IdentityOptions, scope: string): SignInAttempt {
  const { kind, clientId } = identity;
  return {
    ...{ scope, kind, clientId },
    ...("tenantId" in identity && { tenantId: identity.tenantId }),
    ...("certificatePath" in identity && { certificatePath: identity.certificatePath }),
  };
}

const isUnknownPlace = (cause: unknown): boolean =>
  cause instanceof Error && cause.message.includes("endpoints_resolution_error");

/** The library says the same of a tenant that does not exist and of Entra being out of reach, so Entra is asked. */
async function whyUnknown(identity: IdentityOptions, cause: unknown): Promise<unknown> {
  if (!("tenantId" in identity) || !identity.tenantId) return cause;
  const address = `${identity.authorityHost.replace(/\/$/, "")}/${identity.tenantId}/v2.0/.well-known/openid-configuration`;
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(5_000) });
    const { error_description: said } = (await response.json()) as { error_description?: unknown };
    return typeof said === "string" ? new Error(said, { cause }) : cause;
  } catch {
    return cause;
  }
}
