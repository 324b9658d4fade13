import { PermanentError } from "../../errors.ts";
import type { IdentityKind } from "./identity-options.ts";

/**
 * Entra gives no token until a person changes something; the message says what. `code` is Entra's own,
 * e.g. `AADSTS7000222`, or `IdentityUnavailable` or `CertificateUnusable` where Entra was not even asked.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
 */
export class SignInError extends PermanentError {
  override name = "SignInError";
}

/** Which token was wanted, and for whom. */
export interface SignInAttempt {
  scope: string;
  kind?: IdentityKind | undefined;
  tenantId?: string | undefined;
  clientId?: string | undefined;
  certificatePath?: string | undefined;
}

/**
 * Puts what the identity library throws into words for the person who must act. Never repeats a secret or an assertion.
 *
 * @returns a `SignInError` for what trying again cannot mend; a plain error for outages, throttling and the unknown
 */
export function toSignInError(cause: unknown, attempt: SignInAttempt): Error {
  const text = textOf(cause);
  const [said, number] = /AADSTS(\d+):?[^\n]*?(?= Timestamp:|\n|,?$)/.exec(text) ?? [];
  if (number && !isPassing(number, text)) return refusal(Number(number), said ?? "", attempt, cause);

  if (attempt.certificatePath && UNUSABLE_CERTIFICATE.test(text)) {
    const file = `The certificate file ${attempt.certificatePath} cannot be used: it must be readable, in PEM form, with the certificate and its RSA private key without a password.`;
    return new SignInError("CertificateUnusable", `${file} (${text})`, { cause });
  }
  if (isUnavailable(cause) && !isOutage(cause, text)) {
    const message = `${nobody(attempt)} No token for ${attempt.scope}. (${text})`;
    return new SignInError("IdentityUnavailable", message, { cause });
  }
  return new Error(`No token for ${attempt.scope} now, ${holder(attempt)}: ${text}`, { cause });
}

function refusal(number: number, said: string, attempt: SignInAttempt, cause: unknown): SignInError {
  const advice = ADVICE[number]?.(attempt) ?? `Entra refuses the sign-in ${holder(attempt)}.`;
  const more = `More: https://login.microsoftonline.com/error?code=${number}`;
  const message = `${advice} No token for ${attempt.scope}, ${holder(attempt)}. Entra says: ${said}. ${more}`;
  return new SignInError(`AADSTS${number}`, message, { cause });
}

type Advice = (attempt: SignInAttempt) => string;

const untrusted: Advice = ({ clientId }) =>
  `Application ${clientId} does not trust this managed identity. Compare its federated credential with what Entra was shown: issuer (the managed identity's tenant), subject (its object id, not its client id) and audience (per cloud: DEFENDER_CLOUD).`;

const interaction: Advice = () =>
  "The user must sign in again and pass multi-factor authentication; an app cannot do it.";

/** What to do about Entra's refusals, by their numbers. */
const ADVICE: Record<number, Advice | undefined> = {
  90002: ({ tenantId }) =>
    `There is no tenant ${tenantId}. Check DEFENDER_TENANT_ID, and that the tenant is in the cloud DEFENDER_CLOUD names.`,
  700016: ({ tenantId, clientId }) =>
    `Tenant ${tenantId} has no application ${clientId}. Check DEFENDER_CLIENT_ID and DEFENDER_TENANT_ID; to an application of another tenant an administrator of this one must consent first.`,
  65001: ({ tenantId, clientId, scope }) =>
    `Consent is missing. An administrator of tenant ${tenantId} must grant application ${clientId} its permissions on ${scope}.`,
  500011: ({ tenantId, scope }) =>
    `Tenant ${tenantId ?? "of the identity"} does not know the service of ${scope}. Check DEFENDER_CLOUD and the *_TOKEN_SCOPE settings, and that the tenant is licensed for it.`,
  7000215: ({ clientId }) =>
    `The client secret of application ${clientId} is wrong. DEFENDER_CLIENT_SECRET must be the secret's value, not its id.`,
  7000222: ({ clientId }) =>
    `The client secret of application ${clientId} has expired. Add a new one to the app registration and set DEFENDER_CLIENT_SECRET, or use an identity without secrets.`,
  700027: ({ clientId, certificatePath }) =>
    `The certificate in ${certificatePath ?? "use"} is not registered. Upload its public part to the app registration ${clientId}.`,
  70021: untrusted,
  700211: untrusted,
  700212: untrusted,
  700213: untrusted,
  53003: ({ tenantId, clientId }) =>
    `A Conditional Access policy of tenant ${tenantId} keeps ${clientId} out. An administrator must exempt it, or the network it signs in from.`,
  50076: interaction,
  50079: interaction,
};

/** Refusals that pass by themselves: time-outs, throttling, and faults of the sign-in service. */
const PASSING = new Set(["50000", "50196", "90006", "90012", "90024", "90033", "90055"]);

const isPassing = (number: string, text: string): boolean =>
  PASSING.has(number) || /\b(temporarily_unavailable|server_error)\b/.test(text);

const UNUSABLE_CERTIFICATE =
  /ENOENT|EACCES|EISDIR|PEM-encoded certificate|asymmetric key|DECODER|bad decrypt|PEM routines/;

const OUTAGE = /network_error|endpoints_resolution_error|ECONN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|timed? ?out/i;

/** Of the library's errors only these say that there is no identity to sign in with. */
const isUnavailable = (cause: unknown): boolean =>
  cause instanceof Error && ["CredentialUnavailableError", "AggregateAuthenticationError"].includes(cause.name);

function isOutage(cause: unknown, text: string): boolean {
  if (OUTAGE.test(text)) return true;
  const { status, cause: deeper } = (cause ?? {}) as { status?: unknown; cause?: unknown };
  if (typeof status === "number" && (status === 408 || status === 429 || status >= 500)) return true;
  return deeper !== undefined && isOutage(deeper, "");
}

function nobody({ kind, clientId }: SignInAttempt): string {
  if (kind === "managed-identity" || kind === "federated") {
    return `The managed identity cannot be used. Check that it is assigned to this app${clientId ? `, and its client id (DEFENDER_CLIENT_ID or AZURE_CLIENT_ID)` : ", or name a user-assigned one in DEFENDER_CLIENT_ID"}.`;
  }
  return "Nobody is signed in. In Azure assign a managed identity; on one machine run `az login`, or choose another DEFENDER_IDENTITY.";
}

function holder({ kind, tenantId, clientId }: SignInAttempt): string {
  const who =
    clientId ?? (kind === "managed-identity" ? "the system-assigned managed identity" : "whoever is signed in here");
  return `as ${who}${tenantId ? ` in tenant ${tenantId}` : ""}`;
}

/** The library puts Entra's words into messages, deep down at times. What looks like a token is left out. */
function textOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, "(a token)").replaceAll(/\s+/g, " ");
}
