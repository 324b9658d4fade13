import type { z } from "zod";
import type { Instant } from "../odata/filter.ts";
import { linkedRowsOf } from "../odata/list.ts";
import type { Send } from "../send.ts";
import { fileExportCalls, pagedExportCalls } from "./calls.ts";
import { linesOfFile } from "./file-lines.ts";
import {
  type ExportFiles,
  OtherRow,
  SecureConfigurationRow,
  SoftwareInventoryRow,
  SoftwareVulnerabilityRow,
  VulnerabilityChangeRow,
} from "./rows.ts";

/** What each export gives, by its name. */
const ROWS = {
  secureConfiguration: SecureConfigurationRow,
  softwareInventory: SoftwareInventoryRow,
  softwareWithoutProductCode: SoftwareInventoryRow,
  softwareVulnerabilities: SoftwareVulnerabilityRow,
  vulnerabilityChanges: VulnerabilityChangeRow,
  browserExtensions: OtherRow,
  certificates: OtherRow,
  baselines: OtherRow,
  hardwareAndFirmware: OtherRow,
  informationGathering: OtherRow,
};

type RowOf<Name extends keyof typeof ROWS> = z.output<(typeof ROWS)[Name]>;
type PagedExport = Exclude<keyof typeof pagedExportCalls, "vulnerabilityChanges">;
type FileExport = keyof typeof fileExportCalls;

/** How many rows a page has, up to 200,000 of about 1 KB each. @default 50000 */
interface PageSize {
  pageSize?: number;
}

const sizeQuery = ({ pageSize }: PageSize) => (pageSize === undefined ? {} : { pageSize: String(pageSize) });

/**
 * Exports what vulnerability management knows about every machine. A snapshot is taken every six hours; asking does not
 * take a new one.
 *
 * Never with `$top`: it suppresses the link to the next page, and with it the rest.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-assessment-methods-properties
 */
export const createExports = (send: Send) => {
  /** @param options.sasValidHours how long the links shall live, where an hour is too short. @default 1 */
  const files = (name: FileExport, { sasValidHours }: { sasValidHours?: number } = {}): Promise<ExportFiles> =>
    send(fileExportCalls[name], sasValidHours === undefined ? {} : { query: { sasValidHours: String(sasValidHours) } });

  return {
    /** All rows, read page by page while they are used. */
    rows: <Name extends PagedExport>(name: Name, size: PageSize = {}): AsyncGenerator<RowOf<Name>, void> =>
      linkedRowsOf(send, pagedExportCalls[name], { query: sizeQuery(size) }, { row: ROWS[name] }) as AsyncGenerator<
        RowOf<Name>,
        void
      >,

    /**
     * What changed about vulnerabilities. Rows are the same when both `id` and `rbacGroupId` are.
     *
     * @param since not longer ago than 14 days
     */
    vulnerabilityChanges: (since: Instant, size: PageSize = {}) =>
      linkedRowsOf(
        send,
        pagedExportCalls.vulnerabilityChanges,
        { query: { sinceTime: since.instant, ...sizeQuery(size) } },
        { row: VulnerabilityChangeRow },
      ),

    files,

    /** All rows of the files of an export, file by file, read line by line while they are used. An odd one is left out. */
    async *fileRows<Name extends FileExport>(name: Name): AsyncGenerator<RowOf<Name>, void> {
      const { exportFiles } = await files(name);
      for (const link of exportFiles) {
        for await (const line of linesOfFile(link)) {
          const { success, data } = ROWS[name].safeParse(line);
          if (success) yield data as RowOf<Name>;
        }
      }
    },
  };
};
