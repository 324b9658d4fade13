import { z } from "zod";

/**
 * The name of a file in the live response library: letters, digits, `-`, `_` and `.`, and no dot in front.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/live-response
 */
export const LibraryFileName = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$/, "a library file is named with letters, digits, -, _ and . only")
  .brand("LibraryFileName")
  .describe("The name of a file in the live response library");
export type LibraryFileName = z.infer<typeof LibraryFileName>;

/**
 * A script or program that live response can put on a machine or run there. There is no call that gives back its
 * content: `sha256` tells whether it is the one that was meant.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files
 */
export const LibraryFile = z.looseObject({
  fileName: z.string(),
  sha256: z.string().nullish(),
  description: z.string().nullish(),
  creationTime: z.string().nullish(),
  lastUpdatedTime: z.string().nullish(),
  createdBy: z.string().nullish(),
  hasParameters: z.boolean().nullish(),
  parametersDescription: z.string().nullish(),
});
export type LibraryFile = z.infer<typeof LibraryFile>;
