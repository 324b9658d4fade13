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
  const advice = isUnavailable(cause) ? `${unavailable(attempt)} ` : "";
  const message = `${advice}No token for ${attempt.scope}, ${holder(attempt)}: ${text}`;
  return advice && !isOutage(cause, text)
    ? new SignInError("IdentityUnavailable", message, { cause })
    : new Error(message, { cause });
}

function refusal(number: number, said: string, attempt: SignInAttempt, cause: unknown): SignInError {
  const advice = ADVICE[number]?.(namesIn(attempt)) ?? "Entra refuses the sign-in.";
  const more = `More: https://login.microsoftonline.com/error?code=${number}`;
  const message = `${advice} No token for ${attempt.scope}, ${holder(attempt)}. Entra says: ${said}. ${more}`;
  return new SignInError(`AADSTS${number}`, message, { cause });
}

/** How a message calls what an attempt is about, where it may not be known. */
interface Names {
  app: string;
  tenant: string;
  certificate: string;
  scope: string;
}

const namesIn = ({ clientId, tenantId, certificatePath, scope }: SignInAttempt): Names => ({
  app: clientId ? `application ${clientId}` : "the application",
  tenant: tenantId ? `tenant ${tenantId}` : "the tenant",
  certificate: certificatePath ? `The certificate in ${certificatePath}` : "The certificate",
  scope,
});

type Advice = (names: Names) => string;

const untrusted: Advice = ({ app }) =>
  `What was shown in place of a secret is not trusted by ${app}. Compare its federated credential with issuer (the managed identity's tenant), subject (its object id, not its client id) and audience (per cloud: DEFENDER_CLOUD).`;

const interaction: Advice = () =>
  "The user must sign in again and pass multi-factor authentication; an app cannot do it.";

const assertion: Advice = ({ app, tenant }) =>
  `The user's token cannot be used: it must be made out to ${app}, be of ${tenant}, and not have ended. The user must sign in again.`;

/** What to do about Entra's refusals, by their numbers. */
const ADVICE: Record<number, Advice | undefined> = {
  50013: assertion,
  50076: interaction,
  50079: interaction,
  53003: ({ app, tenant }) =>
    `A Conditional Access policy of ${tenant} keeps ${app} out. An administrator must exempt it, or the network it signs in from.`,
  65001: ({ app, tenant, scope }) =>
    `Consent is missing. An administrator of ${tenant} must grant ${app} its permissions on ${scope}.`,
  70021: untrusted,
  90002: ({ tenant }) =>
    `Entra does not know ${tenant}. Check DEFENDER_TENANT_ID, and that the tenant is in the cloud DEFENDER_CLOUD names.`,
  500011: ({ tenant, scope }) =>
    `The service of ${scope} is not known in ${tenant}. Check DEFENDER_CLOUD and the *_TOKEN_SCOPE settings, and that the tenant is licensed for it.`,
  500131: assertion,
  500133: assertion,
  700016: ({ app, tenant }) =>
    `There is no ${app} in ${tenant}. Check DEFENDER_CLIENT_ID and DEFENDER_TENANT_ID; to an application of another tenant an administrator must consent first.`,
  700027: ({ app, certificate }) =>
    `${certificate} is not registered. Upload its public part to the app registration of ${app}.`,
  700211: untrusted,
  700212: untrusted,
  700213: untrusted,
  7000215: ({ app }) =>
    `The client secret of ${app} is wrong. DEFENDER_CLIENT_SECRET must be the secret's value, not its id.`,
  7000222: ({ app }) =>
    `The client secret of ${app} has expired. Add a new one to the app registration and set DEFENDER_CLIENT_SECRET, or use an identity without secrets.`,
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

function unavailable({ kind, clientId }: SignInAttempt): string {
  if (kind === "default" || kind === undefined) {
    return "Nobody can be signed in. In Azure assign a managed identity; on one machine run `az login`, or choose another DEFENDER_IDENTITY.";
  }
  if (kind === "secret" || kind === "certificate") return "Entra cannot be reached.";
  const which = clientId
    ? "its client id is right"
    : "the app has a system-assigned one; DEFENDER_CLIENT_ID names another";
  return `The managed identity cannot be used. Check that it is assigned to this app, and that ${which}.`;
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
