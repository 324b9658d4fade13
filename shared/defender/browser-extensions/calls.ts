import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";

/** The call on browser extensions. Which machines have which is in `exports/`. */
export const browserExtensionCalls = {
  permissions: defineCall({
    name: "browserExtensions.permissions",
    method: "GET",
    path: "/api/browserextensions/permissionsinfo",
    permissions: ["Software.Read.All"],
    page: "get-browser-extensions-permission-info",
    answer: Page,
  }),
};
