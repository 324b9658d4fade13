import { createHash } from "node:crypto";
import { toDefenderTime } from "../state/timestamp.ts";
import { ApiError, notFound } from "./error.ts";
import type { Call, Route } from "./route.ts";

const roles = ["Library.Manage"];

const LARGEST_FILE_BYTES = 20 * 1024 * 1024;

/** https://learn.microsoft.com/en-us/defender-endpoint/live-response - what names may consist of */
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files */
const listLibraryFiles: Route = {
  method: "GET",
  path: "/libraryfiles",
  roles,
  perform: ({ simulator: { tenant }, context }) => ({
    status: 200,
    body: { "@odata.context": context("LibraryFiles"), value: tenant.tables.libraryFiles.all() },
  }),
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/upload-library */
const uploadLibraryFile: Route = {
  method: "POST",
  path: "/libraryfiles",
  roles,
  async perform(call) {
    const { simulator, appId, context } = call;
    const { tenant } = simulator;
    const { file, text } = await readForm(call);
    const existing = tenant.tables.libraryFiles.get(file.name);
    if (existing && text("OverrideIfExists")?.toLowerCase() !== "true") {
      throw new ApiError(400, "BadRequest", `The file ${file.name} already exists in the library`);
    }
    const now = toDefenderTime(tenant.now());
    const parametersDescription = text("ParametersDescription") ?? null;
    const libraryFile = {
      fileName: file.name,
      sha256: createHash("sha256").update(file.content).digest("hex"),
      description: text("Description") ?? null,
      creationTime: existing?.creationTime ?? now,
      lastUpdatedTime: now,
      createdBy: existing?.createdBy ?? appId,
      hasParameters: text("HasParameters")?.toLowerCase() === "true" || parametersDescription !== null,
      parametersDescription,
    };
    tenant.tables.put("libraryFiles", libraryFile);
    return { status: 200, body: { "@odata.context": context("LibraryFiles/$entity"), ...libraryFile } };
  },
};

/** https://learn.microsoft.com/en-us/defender-endpoint/api/delete-library */
const deleteLibraryFile: Route = {
  method: "DELETE",
  path: "/libraryfiles/{fileName}",
  roles,
  perform({ simulator: { tenant }, ids: { fileName = "" } }) {
    if (!tenant.tables.libraryFiles.get(fileName)) throw notFound("Library file", fileName);
    tenant.tables.delete("libraryFiles", fileName);
    return { status: 204 };
  },
};

export const libraryFileRoutes: readonly Route[] = [listLibraryFiles, uploadLibraryFile, deleteLibraryFile];

/** The file of an upload and its text fields, whose names are case-sensitive. */
async function readForm({ headers, bytes }: Call) {
  const type = headers["content-type"] ?? "";
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": type } })
    .formData()
    .catch(() => undefined);
  if (!form) throw new ApiError(400, "InvalidRequestBody", "The request body must be multipart/form-data.");
  const file = form.get("File");
  if (!(file instanceof File)) throw new ApiError(400, "MissingRequiredParameter", "The parameter 'File' is required.");
  if (!FILE_NAME.test(file.name)) {
    const message = `'${file.name}' is not a valid file name: it may hold letters, digits, '-', '_' and '.'.`;
    throw new ApiError(400, "InvalidInput", message);
  }
  if (file.size > LARGEST_FILE_BYTES) {
    const message = `The file has ${file.size} bytes; the maximum allowed is ${LARGEST_FILE_BYTES}.`;
    throw new ApiError(400, "InvalidInput", message);
  }
  const text = (name: string): string | undefined => {
    const value = form.get(name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return { file: { name: file.name, content: Buffer.from(await file.arrayBuffer()) }, text };
}
