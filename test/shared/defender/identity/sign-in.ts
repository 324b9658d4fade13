import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";
import { createSimulatorControl } from "../../../../local/defender/control-client.ts";
import { MANAGED_IDENTITIES, startDefender } from "../../../../local/defender/server.ts";
import { clouds } from "../../../../shared/defender/clouds.ts";

export const OTHER_TENANT = "b839b112-1253-4432-9bf6-94542403f21c";
export const DEFENDER_AUDIENCE = "https://api.securitycenter.microsoft.com";
export const DEFENDER_SCOPE = `${DEFENDER_AUDIENCE}/.default`;

/** A simulator that this process trusts as it does Microsoft's sign-in service, and an identity of every kind for it. */
export async function simulatedEntra() {
  const defender = await startDefender({ settings: { otherTenants: [OTHER_TENANT] } });
  setDefaultCACertificates([...getCACertificates("default"), readFileSync(defender.caFile, "utf8")]);
  const { authorityUrl: authorityHost, tenantId, clientId, clientSecret } = defender;
  const { tokenExchangeAudience } = clouds.commercial;
  const app = { authorityHost, tenantId, clientId };
  return {
    ...defender,
    control: createSimulatorControl(defender.apiUrl),
    /** What the app must trust so that the managed identity can stand in for its secret. */
    trust: {
      issuer: `${authorityHost}/${tenantId}/v2.0`,
      subject: MANAGED_IDENTITIES.userAssignedObjectId,
      audiences: [tokenExchangeAudience],
    },
    secret: { kind: "secret", ...app, clientSecret } as const,
    certificateIn: (certificatePath: string) => ({ kind: "certificate", ...app, certificatePath }) as const,
    federated: {
      ...({ kind: "federated", ...app } as const),
      ...{ managedIdentityClientId: MANAGED_IDENTITIES.userAssigned, tokenExchangeAudience },
    },
    systemAssigned: { kind: "managed-identity", authorityHost } as const,
    userAssigned: { kind: "managed-identity", authorityHost, clientId: MANAGED_IDENTITIES.userAssigned } as const,
    usual: { kind: "default", authorityHost } as const,
  };
}

/** A certificate and its key, and both in one PEM file's text as certificates are kept for signing in. */
export async function appCertificate(): Promise<{ certificate: string; pem: string }> {
  const usual = { keyType: "rsa", keySize: 2048, algorithm: "sha256" } as const;
  const { cert, private: key } = await generate([{ name: "commonName", value: "playbooks" }], usual);
  return { certificate: cert, pem: `${cert.trim()}\n${key}` };
}

export function readClaims(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(token?.split(".")[1] ?? "", "base64url").toString());
}
