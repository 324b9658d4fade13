import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The TLS identity of the local token endpoint. */
export interface ServerCertificate {
  key: string;
  certificate: string;
  /** The certificate authority clients must trust, for `NODE_EXTRA_CA_CERTS`. */
  caFile: string;
}

const YEARS_VALID = 10;

/**
 * The certificate for 127.0.0.1 and localhost kept in a folder, made on first use with an authority of its own.
 * The authority's key is thrown away at once, so nothing else can ever be signed with what clients were told to trust.
 */
export async function serverCertificate(folder: string): Promise<ServerCertificate> {
  const caFile = path.join(folder, "ca.pem");
  const keyFile = path.join(folder, "server-key.pem");
  const certificateFile = path.join(folder, "server.pem");

  if (![caFile, keyFile, certificateFile].every((file) => existsSync(file))) {
    const { ca, key, certificate } = await makeCertificates();
    mkdirSync(folder, { recursive: true });
    writeFileSync(keyFile, key, { mode: 0o600 });
    writeFileSync(certificateFile, certificate);
    writeFileSync(caFile, ca);
  }
  return { key: readFileSync(keyFile, "utf8"), certificate: readFileSync(certificateFile, "utf8"), caFile };
}

async function makeCertificates() {
  // Loaded only when needed: it takes longer to load than everything else, and a restart finds its certificates made.
  const { generate } = await import("selfsigned");
  const notAfterDate = new Date();
  notAfterDate.setFullYear(notAfterDate.getFullYear() + YEARS_VALID);
  const usual = { keyType: "ec", algorithm: "sha256", notAfterDate } as const;

  const authority = await generate([{ name: "commonName", value: "Defender simulator authority" }], {
    ...usual,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    ...usual,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  return { ca: authority.cert, key: server.private, certificate: server.cert };
}
