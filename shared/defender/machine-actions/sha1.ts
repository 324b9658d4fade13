import { z } from "zod";

/** The hash Defender stops files by, and the only one: 40 hex digits. What has only a SHA-256 is looked up as a file first. */
export const Sha1 = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{40}$/, "a SHA-1 is 40 hex digits")
  .brand("Sha1")
  .describe("40 hex digits");
export type Sha1 = z.infer<typeof Sha1>;
