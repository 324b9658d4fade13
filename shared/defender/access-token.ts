import type { AccessToken, TokenCredential } from "@azure/identity";

const RENEW_EARLY_MS = 5 * 60_000;

/**
 * One token for all calls, renewed five minutes before it ends. Callers that arrive while one is being fetched wait for
 * that one; a failed fetch is not remembered.
 */
export function createTokenSource(credential: TokenCredential, scope: string, now: () => number = Date.now) {
  let held: AccessToken | undefined;
  let underWay: Promise<string> | undefined;

  async function fetchToken(): Promise<string> {
    held = (await credential.getToken(scope)) ?? undefined;
    if (!held) throw new Error(`No token for ${scope}: the credential gave none`);
    return held.token;
  }

  return {
    get(): Promise<string> {
      if (held && held.expiresOnTimestamp - RENEW_EARLY_MS > now()) return Promise.resolve(held.token);
      underWay ??= fetchToken().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    /** Forgets the token, after the service said that it is not valid. */
    forget(): void {
      held = undefined;
    },
  };
}
