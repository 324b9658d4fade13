import { z } from "zod";
import { fileCalls } from "../../shared/defender/files/calls.ts";
import { Sha1 } from "../../shared/defender/machine-actions/sha1.ts";
import { defineListing, ListedAlert } from "./listing.ts";

/**
 * Lists the alerts a file has to do with; none when the file is unknown.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-related-alerts - 100 calls a minute, 1,500 an hour
 */
export const listFileAlerts = defineListing({
  name: "listFileAlerts",
  summary: "Lists the alerts a file has to do with.",
  calls: [fileCalls.alerts],
  input: z.object({ sha1: Sha1.describe("Defender takes no other hash here") }),
  row: ListedAlert,
  list: ({ sha1 }, { files }) => files.alerts(sha1),
});
