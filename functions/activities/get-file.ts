import { z } from "zod";
import { nullIfNotFound } from "../../shared/defender/error.ts";
import { fileCalls } from "../../shared/defender/files/calls.ts";
import { File, FileHash } from "../../shared/defender/files/file.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads what is known about a file everywhere. It also turns a SHA-256 into the SHA-1 that other steps ask for.
 *
 * @returns the file, or `null` when it is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-information - 100 calls a minute, 1,500 an hour
 */
export const getFile = defineActivity({
  name: "getFile",
  summary: "Reads what is known about a file everywhere.",
  effect: "read",
  calls: [fileCalls.get],
  repeat: "reads",
  input: z.object({ hash: FileHash.describe("SHA-1 or SHA-256") }),
  output: File.strip().nullable(),
  perform: ({ hash }, { defender }) => nullIfNotFound(defender.files.get(hash)),
});
