import type { TableName } from "../../state/tables.ts";

/** One kind of assessment: how it is read in pages, how as files, and the table its rows are in. */
export interface Assessment {
  table: TableName;
  /** Application permission. */
  role: string;
  /** Name of the call that answers in pages, if there is one. */
  paged?: string;
  /** Name of the call that answers with files, if there is one. */
  files?: string;
  /** The rows' type, as the pages name it. */
  type: string;
  /** Only rows with an `eventTimestamp` since the `sinceTime` that the caller must give. */
  isDelta?: true;
  /** Hours that links to the files may be ordered for: 1 and up to 6, if nothing is said. */
  linkHours?: { usual: number; most: number };
}

const VULNERABILITY = "Vulnerability.Read.All";
const SOFTWARE = "Software.Read.All";

/** @see https://learn.microsoft.com/en-us/defender-endpoint/api/get-assessment-methods-properties */
export const assessments: readonly Assessment[] = [
  {
    table: "secureConfigurations",
    role: VULNERABILITY,
    paged: "SecureConfigurationsAssessmentByMachine",
    files: "SecureConfigurationsAssessmentExport",
    type: "AssetConfiguration",
  },
  {
    table: "softwareInventory",
    role: SOFTWARE,
    paged: "SoftwareInventoryByMachine",
    files: "SoftwareInventoryExport",
    type: "AssetSoftware",
  },
  {
    table: "softwareInventoryWithoutProductCode",
    role: SOFTWARE,
    paged: "SoftwareInventoryNoProductCodeByMachine",
    files: "SoftwareInventoryNonCpeExport",
    type: "AssetNonCpeSoftware",
  },
  {
    table: "softwareVulnerabilities",
    role: VULNERABILITY,
    paged: "SoftwareVulnerabilitiesByMachine",
    files: "SoftwareVulnerabilitiesExport",
    type: "AssetVulnerability",
  },
  {
    table: "softwareVulnerabilityChanges",
    role: VULNERABILITY,
    paged: "SoftwareVulnerabilityChangesByMachine",
    type: "DeltaAssetVulnerability",
    isDelta: true,
  },
  {
    table: "browserExtensions",
    role: SOFTWARE,
    paged: "BrowserExtensionsInventoryByMachine",
    files: "browserextensionsinventoryExport",
    type: "BrowserExtensionInventory",
  },
  {
    table: "certificates",
    role: VULNERABILITY,
    paged: "certificateAssessmentByMachine",
    files: "certificateAssessmentExport",
    type: "AssetCertificate",
    linkHours: { usual: 3, most: 24 },
  },
  {
    table: "baselineCompliance",
    role: "SecurityBaselinesAssessment.Read.All",
    paged: "baselineComplianceAssessmentByMachine",
    files: "baselineComplianceAssessmentExport",
    type: "AssetBaselineAssessment",
  },
  {
    table: "hardwareFirmware",
    role: SOFTWARE,
    paged: "HardwareFirmwareInventoryByMachine",
    files: "HardwareFirmwareInventoryExport",
    type: "AssetHardwareFirmware",
  },
  {
    table: "gatheredInformation",
    role: VULNERABILITY,
    files: "InfoGatheringExport",
    type: "InfoGathering",
    linkHours: { usual: 3, most: 24 },
  },
];
