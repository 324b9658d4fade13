import { z } from "zod";
import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { LibraryFile } from "./library-file.ts";

const permissions = ["Library.Manage"];

/** The calls on the live response library. */
export const libraryFileCalls = {
  list: defineCall({
    name: "libraryFiles.list",
    method: "GET",
    path: "/api/libraryfiles",
    permissions,
    page: "list-library-files",
    answer: Page,
  }),
  upload: defineCall({
    name: "libraryFiles.upload",
    method: "POST",
    path: "/api/libraryfiles",
    permissions,
    page: "upload-library",
    timeoutSeconds: 120,
    answer: LibraryFile,
  }),
  delete: defineCall({
    name: "libraryFiles.delete",
    method: "DELETE",
    path: "/api/libraryfiles/{fileName}",
    permissions,
    page: "delete-library",
    answer: z.unknown(),
  }),
};
