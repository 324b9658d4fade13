import type { Simulator } from "../simulator.ts";
import { hasHash, type Sightings, sightings } from "../state/evidence.ts";
import type { Row } from "../state/table.ts";
import { listAlerts } from "./alerts.ts";
import { ApiError, notFound } from "./error.ts";
import { checkLookBack, machinesWith } from "./look-back.ts";
import type { Call, Route } from "./route.ts";

const roles = ["File.Read.All"];
const SHA1 = /^[0-9a-f]{40}$/i;
const SHA256 = /^[0-9a-f]{64}$/i;

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-information */
const getFile: Route = {
  method: "GET",
  path: "/files/{fileHash}",
  roles,
  perform({ simulator, ids: { fileHash = "" }, context }) {
    const file = fileProfile(simulator, checkHash(fileHash));
    if (!file) throw notFound("File", fileHash);
    return { status: 200, body: { "@odata.context": context("Files/$entity"), ...file } };
  },
};

/** By SHA-1 alone. https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-related-alerts */
const listFileAlerts: Route = {
  method: "GET",
  path: "/files/{fileHash}/alerts",
  roles: ["Alert.ReadWrite.All"],
  perform: (call) => listAlerts(call, sightingsBySha1(call).alerts),
};

/** By SHA-1 alone. https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-related-machines */
const listFileMachines: Route = {
  method: "GET",
  path: "/files/{fileHash}/machines",
  roles: ["Machine.ReadWrite.All"],
  perform: (call) => machinesWith(call, sightingsBySha1(call)),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-statistics */
const getFileStats: Route = {
  method: "GET",
  path: "/files/{fileHash}/stats",
  roles,
  perform({ simulator, ids: { fileHash = "" }, query, context }) {
    checkLookBack(query);
    const file = fileProfile(simulator, checkHash(fileHash));
    if (!file) throw notFound("File", fileHash);
    const { rows, machineIds, firstSeen, lastSeen } = sightings(simulator.tenant, (row) => hasHash(row, fileHash));
    const names = rows.flatMap(({ fileName }) => (typeof fileName === "string" ? fileName : []));
    return {
      status: 200,
      body: {
        "@odata.context": context("microsoft.windowsDefenderATP.api.InOrgFileStats"),
        sha1: file.sha1,
        organizationPrevalence: machineIds.length,
        orgFirstSeen: firstSeen ?? null,
        orgLastSeen: lastSeen ?? null,
        // Spelt so by the service.
        globallyPrevalence: file.globalPrevalence,
        globalFirstObserved: file.globalFirstObserved,
        globalLastObserved: file.globalLastObserved,
        topFileNames: [...new Set(names)],
      },
    };
  },
};

export const fileRoutes: readonly Route[] = [getFile, listFileAlerts, listFileMachines, getFileStats];

/** The file with this SHA-1 or SHA-256: from the table, or else as far as the evidence of an alert shows it. */
export function fileProfile({ tenant }: Simulator, hash: string): Row | undefined {
  const { files } = tenant.tables;
  const known = files.get(hash) ?? files.where("sha256", hash)[0];
  if (known) return { ...emptyProfile, ...known };
  const { rows, firstSeen, lastSeen } = sightings(tenant, (row) => hasHash(row, hash));
  const [row] = rows;
  return (
    row && {
      ...emptyProfile,
      sha1: row.sha1,
      sha256: row.sha256,
      globalFirstObserved: firstSeen ?? null,
      globalLastObserved: lastSeen ?? null,
    }
  );
}

const emptyProfile = {
  sha1: null,
  sha256: null,
  md5: null,
  globalPrevalence: null,
  globalFirstObserved: null,
  globalLastObserved: null,
  size: null,
  fileType: null,
  isPeFile: false,
  filePublisher: null,
  fileProductName: null,
  signer: null,
  issuer: null,
  signerHash: null,
  isValidCertificate: null,
  determinationType: "Unknown",
  determinationValue: null,
};

function sightingsBySha1({ simulator, ids: { fileHash = "" } }: Call): Sightings {
  if (!SHA1.test(fileHash)) throw new ApiError(400, "InvalidHashValue", `'${fileHash}' is not a SHA-1.`);
  return sightings(simulator.tenant, (row) => hasHash(row, fileHash));
}

function checkHash(hash: string): string {
  if (SHA1.test(hash) || SHA256.test(hash)) return hash;
  throw new ApiError(400, "InvalidHashValue", `'${hash}' is neither a SHA-1 nor a SHA-256.`);
}
