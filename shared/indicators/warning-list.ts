import { z } from "zod";
import type { WarningListUse } from "./sync-settings.ts";

/**
 * A list of what is often reported and hardly ever bad, in the form of MISP's lists.
 *
 * @see https://github.com/MISP/misp-warninglists/blob/main/schema.json
 */
export const WarningList = z.looseObject({
  name: z.string(),
  type: z.enum(["string", "substring", "hostname", "cidr", "regex"]),
  list: z.array(z.string()),
});
export type WarningList = z.infer<typeof WarningList>;

/** A list with how it is to be used. */
export type WarningListInUse = Omit<WarningListUse, "file"> & { list: WarningList };
