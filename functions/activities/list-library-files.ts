import { z } from "zod";
import { libraryFileCalls } from "../../shared/defender/library-files/calls.ts";
import { LibraryFile } from "../../shared/defender/library-files/library-file.ts";
import { defineActivity } from "../../shared/playbook.ts";

const MOST_FILES = 200;

/**
 * Lists the files of the live response library, at most 200, with the SHA-256 that tells whether one was changed.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files - 100 calls a minute, 1,500 an hour
 */
export const listLibraryFiles = defineActivity({
  name: "listLibraryFiles",
  summary: "Lists the files of the live response library, at most 200.",
  effect: "read",
  calls: [libraryFileCalls.list],
  repeat: "reads",
  input: z.object({}),
  output: z.array(LibraryFile.strip()),
  perform: async (_, { defender: { libraryFiles } }) => (await libraryFiles.list()).slice(0, MOST_FILES),
});
