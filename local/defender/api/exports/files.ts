import { gzipSync } from "node:zlib";
import type { Reply, Request } from "../../http.ts";
import type { Simulator } from "../../simulator.ts";
import type { Tenant } from "../../state/tenant.ts";
import { ApiError } from "../error.ts";
import { readCount } from "../odata-list.ts";
import type { Route } from "../route.ts";
import { type Assessment, assessments } from "./assessments.ts";
import { isGenuine, signed } from "./link.ts";

/** Where files are downloaded, like a storage account: without a token, by a link that carries its own right. */
export const EXPORT_PATH = /^\/exports\/(\w+)\/part-(\d+)\.json\.gz$/;

const ROWS_PER_FILE = 10_000;
const HOUR_MS = 60 * 60_000;
const SNAPSHOT_MS = 6 * HOUR_MS;

/** https://learn.microsoft.com/en-us/defender-endpoint/api/get-assessment-methods-properties */
export const fileExportRoutes: readonly Route[] = assessments.flatMap((assessment) =>
  assessment.files ? [fileRoute(assessment.files, assessment)] : [],
);

function fileRoute(name: string, { table, role, linkHours = { usual: 1, most: 6 } }: Assessment): Route {
  return {
    method: "GET",
    path: `/machines/${name}`,
    roles: [role],
    limit: name === "InfoGatheringExport" ? { perMinute: 30, perHour: 1000 } : { perMinute: 5, perHour: 20 },
    perform({ simulator: { tenant }, query, address, context }) {
      const hours = readCount(query, "sasValidHours") ?? linkHours.usual;
      if (hours < 1 || hours > linkHours.most) {
        throw new ApiError(400, "BadRequest", `sasValidHours may be from 1 to ${linkHours.most}, and is ${hours}.`);
      }
      const expiry = new Date(tenant.now() + hours * HOUR_MS).toISOString();
      const files = Math.ceil(tenant.tables[table].size / ROWS_PER_FILE);
      const exportFiles = Array.from({ length: files }, (_, part) =>
        new URL(signed(`/exports/${name}/part-${part}.json.gz`, expiry), address).toString(),
      );
      const generatedTime = new Date(Math.floor(tenant.now() / SNAPSHOT_MS) * SNAPSHOT_MS).toISOString();
      return {
        status: 200,
        body: {
          "@odata.context": context("microsoft.windowsDefenderATP.api.ExportFilesResponse"),
          exportFiles,
          generatedTime: generatedTime.replace(".000Z", "Z"),
        },
      };
    },
  };
}

/** Hands out the file a link names, if the link is genuine and has not lapsed. Storage takes no other proof. */
export function downloadExport({ tenant }: Simulator, { method, path, query, headers }: Request): Reply {
  const expiry = query.get("se") ?? "";
  if (headers.authorization) return refuse(401, "InvalidAuthenticationInfo", "Send no Authorization header.");
  if (method !== "GET" || !isGenuine(query.get("sig") ?? "", path, expiry) || tenant.now() >= Date.parse(expiry)) {
    return refuse(403, "AuthenticationFailed", "The link has lapsed or was changed.");
  }
  const [, name, part = "0"] = EXPORT_PATH.exec(path) ?? [];
  const assessment = assessments.find(({ files }) => files === name);
  if (!assessment) return refuse(404, "BlobNotFound", "There is no such file.");
  return {
    status: 200,
    headers: { "content-type": "application/gzip" },
    body: linesOf(tenant, assessment, Number(part)),
  };
}

/** One JSON object a line, compressed. */
function linesOf({ tables }: Tenant, { table }: Assessment, part: number): Buffer {
  const rows = tables[table].all().slice(part * ROWS_PER_FILE, (part + 1) * ROWS_PER_FILE);
  return gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

/** Storage answers in XML, unlike the API. */
function refuse(status: number, code: string, message: string): Reply {
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body };
}
