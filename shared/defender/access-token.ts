import type { AccessToken, GetTokenOptions, TokenCredential } from "@azure/identity";

const RENEW_EARLY_MS = 5 * 60_000;

/** The token of one identity for one scope. */
export interface TokenSource {
  /** A token that is good for at least five more minutes, unless Entra gives none such. */
  get(): Promise<string>;
  /** Forgets a token that the service said is not valid. One fetched since then is kept. */
  forget(refused: string): void;
}

/**
 * One token for all calls, renewed five minutes before it ends. Callers that arrive while one is being fetched wait for
 * that one; a failed fetch is not remembered.
 *
 * @param now milliseconds since 1970
 */
export function createTokenSource(
  credential: TokenCredential,
  scope: string,
  now: () => number = Date.now,
): TokenSource {
  let held: AccessToken | undefined;
  let underWay: Promise<string> | undefined;
  let mustBeNew = false;

  async function fetchToken(): Promise<string> {
    const fetched = await credential.getToken(scope, mustBeNew ? issuedFrom(now()) : {});
    if (!fetched) throw new Error(`No token for ${scope}: the credential gave none`);
    held = fetched;
    mustBeNew = false;
    return held.token;
  }

  return {
    get() {
      if (held && held.expiresOnTimestamp - RENEW_EARLY_MS > now()) return Promise.resolve(held.token);
      underWay ??= fetchToken().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    forget(refused) {
      if (held?.token !== refused) return;
      held = undefined;
      mustBeNew = true;
    },
  };
}

/**
 * Makes the library ask Entra, where it would give the same token again from its own memory. A managed identity's
 * endpoint takes no such wish.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/app-resilience-continuous-access-evaluation
 */
function issuedFrom(now: number): GetTokenOptions {
  const nbf = { essential: true, value: String(Math.floor(now / 1000)) };
  return { claims: JSON.stringify({ access_token: { nbf } }) };
}
