import { z } from "zod";
import { rowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { browserExtensionCalls } from "./calls.ts";

/**
 * What a browser extension may ask for, e.g. `audioCapture`, and what that means.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-browser-extensions-permission-info
 */
export const ExtensionPermission = z.looseObject({
  key: z.string(),
  permissionName: z.string().nullish(),
  description: z.string().nullish(),
});
export type ExtensionPermission = z.infer<typeof ExtensionPermission>;

/** Explains what browser extensions ask for. */
export const createBrowserExtensions = (send: Send) => ({
  permissions: () => rowsOf(send, browserExtensionCalls.permissions, {}, {}, { row: ExtensionPermission, key: "key" }),
});
