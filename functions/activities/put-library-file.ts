import { createHash } from "node:crypto";
import { z } from "zod";
import { libraryFileCalls } from "../../shared/defender/library-files/calls.ts";
import { LibraryFile, LibraryFileName } from "../../shared/defender/library-files/library-file.ts";
import { PermanentError } from "../../shared/errors.ts";
import { defineActivity } from "../../shared/playbook.ts";

/** What crosses a step is kept in the run's history; programs are put into the library by hand. */
const LARGEST_SCRIPT = 200_000;

/**
 * Puts a script into the live response library, from where `runLiveResponseScript` can run it on machines.
 *
 * Safe to repeat: a file of this name with the same content is returned as it is.
 *
 * @param input.overwrite whether a file of this name with other content is replaced
 * @throws PermanentError `FileExists` when there is one and it may not be replaced
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/upload-library - 100 calls a minute, 1,500 an hour
 */
export const putLibraryFile = defineActivity({
  name: "putLibraryFile",
  summary: "Puts a script into the live response library.",
  effect: "write",
  calls: [libraryFileCalls.list, libraryFileCalls.upload],
  repeat: "adopts",
  input: z.object({
    fileName: LibraryFileName,
    content: z.string().min(1).max(LARGEST_SCRIPT).describe("The script as text"),
    description: z.string().optional(),
    parametersDescription: z.string().optional().describe("Which arguments it takes, if it takes any"),
    overwrite: z.boolean().default(false).describe("Whether a file of this name with other content is replaced"),
  }),
  output: LibraryFile.strip(),
  pretend: ({ fileName, description }) => ({ fileName, description }),
  target: ({ fileName }) => `library file ${fileName}`,

  async perform({ fileName, content, overwrite, ...about }, { defender: { libraryFiles } }) {
    const bytes = new TextEncoder().encode(content);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const existing = (await libraryFiles.list()).find((file) => file.fileName.toLowerCase() === fileName.toLowerCase());
    if (existing?.sha256?.toLowerCase() === sha256) return existing;
    if (existing && !overwrite) {
      throw new PermanentError("FileExists", `The library has another ${fileName}, and it may not be replaced`);
    }
    return libraryFiles.upload({ fileName, content: bytes, ...about, overrideIfExists: overwrite });
  },
});
