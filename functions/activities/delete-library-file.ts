import { z } from "zod";
import { DefenderNotFoundError } from "../../shared/defender/error.ts";
import { libraryFileCalls } from "../../shared/defender/library-files/calls.ts";
import { LibraryFileName } from "../../shared/defender/library-files/library-file.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Takes a file out of the live response library. Safe to repeat: one that is not there is as good as deleted.
 *
 * @returns whether this call is what deleted it
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/delete-library - 100 calls a minute, 1,500 an hour
 */
export const deleteLibraryFile = defineActivity({
  name: "deleteLibraryFile",
  summary: "Takes a file out of the live response library.",
  effect: "write",
  calls: [libraryFileCalls.delete],
  repeat: "sets",
  input: z.object({ fileName: LibraryFileName }),
  output: z.object({ deleted: z.boolean() }),
  pretend: () => ({ deleted: true }),
  target: ({ fileName }) => `library file ${fileName}`,

  async perform({ fileName }, { defender: { libraryFiles } }) {
    try {
      await libraryFiles.delete(fileName);
      return { deleted: true };
    } catch (error) {
      if (error instanceof DefenderNotFoundError) return { deleted: false };
      throw error;
    }
  },
});
