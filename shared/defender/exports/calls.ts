import { defineCall } from "../call.ts";
import { Page } from "../odata/list.ts";
import { ExportFiles } from "./rows.ts";

const SOFTWARE = ["Software.Read.All"];
const VULNERABILITY = ["Vulnerability.Read.All"];
const BASELINES = ["SecurityBaselinesAssessment.Read.All"];

/** Exports by pages share a limit, and so do those by files: the pages about them state the same for all. */
const byPages = <Name extends string>(name: Name, end: string, permissions: readonly string[], page: string) =>
  defineCall({
    name: `exports.${name}`,
    method: "GET",
    path: `/api/machines/${end}`,
    permissions,
    page,
    group: "export-by-pages",
    timeoutSeconds: 120,
    answer: Page,
  });

const byFiles = <Name extends string>(name: Name, end: string, permissions: readonly string[], page: string) =>
  defineCall({
    name: `exports.${name}Files`,
    method: "GET",
    path: `/api/machines/${end}`,
    permissions,
    page,
    group: "export-by-files",
    timeoutSeconds: 120,
    answer: ExportFiles,
  });

/** The exports that come as pages: for fewer than 100,000 machines. */
export const pagedExportCalls = {
  secureConfiguration: byPages(
    "secureConfiguration",
    "SecureConfigurationsAssessmentByMachine",
    VULNERABILITY,
    "get-assessment-secure-config",
  ),
  softwareInventory: byPages(
    "softwareInventory",
    "SoftwareInventoryByMachine",
    SOFTWARE,
    "get-assessment-software-inventory",
  ),
  softwareWithoutProductCode: byPages(
    "softwareWithoutProductCode",
    "SoftwareInventoryNoProductCodeByMachine",
    SOFTWARE,
    "get-assessment-non-cpe-software-inventory",
  ),
  softwareVulnerabilities: byPages(
    "softwareVulnerabilities",
    "SoftwareVulnerabilitiesByMachine",
    VULNERABILITY,
    "get-assessment-software-vulnerabilities",
  ),
  vulnerabilityChanges: byPages(
    "vulnerabilityChanges",
    "SoftwareVulnerabilityChangesByMachine",
    VULNERABILITY,
    "get-assessment-software-vulnerabilities",
  ),
  browserExtensions: byPages(
    "browserExtensions",
    "BrowserExtensionsInventoryByMachine",
    SOFTWARE,
    "get-assessment-browser-extensions",
  ),
  certificates: byPages(
    "certificates",
    "certificateAssessmentByMachine",
    VULNERABILITY,
    "export-certificate-inventory-assessment",
  ),
  baselines: byPages(
    "baselines",
    "baselineComplianceAssessmentByMachine",
    BASELINES,
    "export-security-baseline-assessment",
  ),
  hardwareAndFirmware: byPages(
    "hardwareAndFirmware",
    "HardwareFirmwareInventoryByMachine",
    SOFTWARE,
    "export-firmware-hardware-assessment",
  ),
};

/** The exports that come as files: for any number of machines, a few times an hour. */
export const fileExportCalls = {
  secureConfiguration: byFiles(
    "secureConfiguration",
    "SecureConfigurationsAssessmentExport",
    VULNERABILITY,
    "get-assessment-secure-config",
  ),
  softwareInventory: byFiles(
    "softwareInventory",
    "SoftwareInventoryExport",
    SOFTWARE,
    "get-assessment-software-inventory",
  ),
  softwareWithoutProductCode: byFiles(
    "softwareWithoutProductCode",
    "SoftwareInventoryNonCpeExport",
    SOFTWARE,
    "get-assessment-non-cpe-software-inventory",
  ),
  softwareVulnerabilities: byFiles(
    "softwareVulnerabilities",
    "SoftwareVulnerabilitiesExport",
    VULNERABILITY,
    "get-assessment-software-vulnerabilities",
  ),
  browserExtensions: byFiles(
    "browserExtensions",
    "browserextensionsinventoryExport",
    SOFTWARE,
    "get-assessment-browser-extensions",
  ),
  certificates: byFiles(
    "certificates",
    "certificateAssessmentExport",
    VULNERABILITY,
    "export-certificate-inventory-assessment",
  ),
  baselines: byFiles(
    "baselines",
    "baselineComplianceAssessmentExport",
    BASELINES,
    "export-security-baseline-assessment",
  ),
  hardwareAndFirmware: byFiles(
    "hardwareAndFirmware",
    "HardwareFirmwareInventoryExport",
    SOFTWARE,
    "export-firmware-hardware-assessment",
  ),
  /** Antivirus health is in it, under `DeviceGatheredInfo`. */
  informationGathering: byFiles(
    "informationGathering",
    "InfoGatheringExport",
    VULNERABILITY,
    "get-assessment-information-gathering",
  ),
};
