import { z } from "zod";
import { fileCalls } from "../../shared/defender/files/calls.ts";
import { Sha1 } from "../../shared/defender/machine-actions/sha1.ts";
import { defineListing, ListedMachine } from "./listing.ts";

/**
 * Lists the machines a file was seen on; none when the file is unknown.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-related-machines - 100 calls a minute, 1,500 an hour
 */
export const listFileMachines = defineListing({
  name: "listFileMachines",
  summary: "Lists the machines a file was seen on.",
  calls: [fileCalls.machines],
  input: z.object({ sha1: Sha1.describe("Defender takes no other hash here") }),
  row: ListedMachine,
  list: ({ sha1 }, { files }) => files.machines(sha1),
});
