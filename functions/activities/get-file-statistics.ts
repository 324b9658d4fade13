import { nullIfNotFound } from "../../shared/defender/error.ts";
import { fileCalls } from "../../shared/defender/files/calls.ts";
import { FileHash, FileStatistics } from "../../shared/defender/files/file.ts";
import { LookBack } from "../../shared/defender/look-back.ts";
import { defineActivity } from "../../shared/playbook.ts";

/**
 * Reads how common a file is, here and everywhere.
 *
 * @returns the figures, or `null` when the file is unknown
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-statistics - 100 calls a minute, 1,500 an hour
 */
export const getFileStatistics = defineActivity({
  name: "getFileStatistics",
  summary: "Reads how common a file is, here and everywhere.",
  effect: "read",
  calls: [fileCalls.statistics],
  repeat: "reads",
  input: LookBack.extend({ hash: FileHash.describe("SHA-1 or SHA-256") }),
  output: FileStatistics.strip().nullable(),
  perform: ({ hash, ...lookBack }, { defender }) => nullIfNotFound(defender.files.statistics(hash, lookBack)),
});
