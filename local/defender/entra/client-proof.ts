import { timingSafeEqual, X509Certificate } from "node:crypto";
import type { AppRegistration } from "../state/app-registration.ts";
import { EntraError } from "./entra-error.ts";
import { type JsonWebToken, readJsonWebToken } from "./json-web-token.ts";
import { isCurrent, type TokenAuthority } from "./tokens.ts";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

export interface ProofContext {
  tokens: TokenAuthority;
  clock: () => number;
  /** What an assertion of the app's own may be made out to: the endpoint it is sent to, or the issuer of the tenant. */
  audiences: readonly string[];
}

/**
 * Checks what an app proves itself with: its secret, an assertion signed with its certificate, or one of an issuer it
 * trusts.
 *
 * @throws EntraError for whatever is wrong with it
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials
 */
export function proveIdentity(app: AppRegistration, form: URLSearchParams, context: ProofContext): void {
  const assertion = form.get("client_assertion");
  if (assertion === null) {
    checkSecret(app, form.get("client_secret"));
    return;
  }
  if (form.get("client_assertion_type") !== ASSERTION_TYPE) {
    throw refuse(900144, "The request body must contain a supported 'client_assertion_type'.");
  }
  const token = readJsonWebToken(assertion);
  if (!token) throw refuse(50027, "The JWT token is invalid or malformed.");
  if (token.header.x5t || token.header["x5t#S256"]) checkCertificate(app, token, context);
  else checkFederated(app, assertion, token, context);
}

function checkSecret({ clientId, clientSecret, secretHasExpired }: AppRegistration, secret: string | null): void {
  if (!secret) throw refuse(7000218, "The request must contain 'client_assertion' or 'client_secret'.");
  if (clientSecret === undefined || !isEqual(secret, clientSecret)) {
    throw refuse(7000215, `Invalid client secret provided for app '${clientId}'.`);
  }
  if (secretHasExpired) throw refuse(7000222, `The provided client secret keys for app '${clientId}' are expired.`);
}

function checkCertificate(app: AppRegistration, token: JsonWebToken, { clock, audiences }: ProofContext): void {
  const { header, claims } = token;
  const certificate = app.certificates
    .map((pem) => new X509Certificate(pem))
    .find(
      (known) =>
        header.x5t === thumbprint(known.fingerprint) || header["x5t#S256"] === thumbprint(known.fingerprint256),
    );
  if (!certificate || !token.isSignedBy(certificate.publicKey)) {
    const shown = Buffer.from(String(header["x5t#S256"] ?? header.x5t), "base64url")
      .toString("hex")
      .toUpperCase();
    const reason = certificate ? "The key was found, but the signature is not its own." : "The key was not found.";
    const message = `The certificate used to sign the client assertion is not registered on application. [Reason - ${reason}, Thumbprint of key used by client: '${shown}']`;
    throw refuse(700027, message);
  }
  if (claims.iss !== app.clientId || claims.sub !== app.clientId) {
    throw refuse(700021, "Client assertion application identifier doesn't match 'client_id' parameter.");
  }
  if (!audiences.includes(String(claims.aud))) {
    throw refuse(700023, `Client assertion audience claim '${claims.aud}' does not match the realm issuer.`);
  }
  checkTime(claims, clock());
}

function checkFederated(
  { clientId, federatedCredentials }: AppRegistration,
  assertion: string,
  { claims }: JsonWebToken,
  { tokens, clock }: ProofContext,
): void {
  const shown = { issuer: String(claims.iss), subject: String(claims.sub), audience: String(claims.aud) };
  const noneFor = (what: keyof typeof shown): string =>
    `No matching federated identity record found for presented assertion ${what} '${shown[what]}' on application '${clientId}'.`;

  const ofIssuer = federatedCredentials.filter(({ issuer }) => issuer === shown.issuer);
  if (ofIssuer.length === 0) throw refuse(700211, noneFor("issuer"));
  const ofSubject = ofIssuer.filter(({ subject }) => subject === shown.subject);
  if (ofSubject.length === 0) throw refuse(700213, noneFor("subject"));
  if (!ofSubject.some(({ audiences }) => audiences.includes(shown.audience))) throw refuse(700212, noneFor("audience"));
  // No other issuer's keys are known here.
  if (!tokens.read(assertion)) throw refuse(50013, "Assertion failed signature validation.");
  checkTime(claims, clock());
}

function checkTime({ nbf, exp }: JsonWebToken["claims"], now: number): void {
  if (isCurrent({ nbf: Number(nbf ?? 0), exp: Number(exp) }, now)) return;
  throw refuse(700024, "Client assertion is not within its valid time range.");
}

const refuse = (number: number, message: string): EntraError => new EntraError(401, "invalid_client", number, message);

/** `AB:CD:…` as assertions write it. */
const thumbprint = (fingerprint: string): string =>
  Buffer.from(fingerprint.replaceAll(":", ""), "hex").toString("base64url");

function isEqual(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}
