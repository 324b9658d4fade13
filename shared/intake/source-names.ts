/**
 * The product in the stream's spelling, whatever the surface that named it: Graph writes `microsoftDefenderForEndpoint`.
 * A product that is not known keeps the name it came with; `unknown` is none.
 *
 * @see https://learn.microsoft.com/en-us/graph/api/resources/security-alert#servicesource-values
 */
export const serviceSourceOf = (name: string | undefined): string | undefined => spelt(name, services);

/**
 * The technology in the stream's spelling, whatever the surface that named it: `EDR` is `WindowsDefenderAtp` to the alerts
 * API. One that is not known keeps the name it came with; `unknown` is none.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/alerts-queue
 * @see https://learn.microsoft.com/en-us/graph/api/resources/security-alert#detectionsource-values
 */
export const detectionSourceOf = (name: string | undefined): string | undefined => spelt(name, detectors);

const services = spellings([
  ["AAD Identity Protection", "azureAdIdentityProtection"],
  ["App Governance", "microsoftAppGovernance"],
  ["Data Loss Prevention", "microsoftDataLossPrevention"],
  ["Microsoft Cloud App Security", "microsoftDefenderForCloudApps"],
  ["Microsoft Defender XDR", "microsoft365Defender"],
  ["Microsoft Defender for Cloud"],
  ["Microsoft Defender for Endpoint"],
  ["Microsoft Defender for Identity"],
  ["Microsoft Defender for Office 365"],
  ["Microsoft Sentinel"],
]);

const detectors = spellings([
  ["AAD Identity Protection", "azureAdIdentityProtection"],
  ["Antivirus", "WindowsDefenderAv"],
  ["Automated investigation"],
  ["Cloud App Security"],
  ["Custom TI", "CustomerTI"],
  ["Custom detection"],
  ["EDR", "WindowsDefenderAtp", "microsoftDefenderForEndpoint"],
  ["Microsoft 365 Defender", "MTP"],
  ["Microsoft Defender for Office 365", "OfficeATP"],
  ["Microsoft Threat Experts", "ThreatExperts"],
  ["Scheduled Alerts"],
  ["SmartScreen", "WindowsDefenderSmartScreen"],
  ["Third-party sensors", "ThirdPartySensors"],
]);

/** Names by each of their spellings, the stream's own first; spaces and case make no difference. */
function spellings(all: readonly (readonly [name: string, ...others: string[]])[]): ReadonlyMap<string, string> {
  return new Map(all.flatMap((names) => names.map((name): [string, string] => [plain(name), names[0]])));
}

function spelt(name: string | undefined, known: ReadonlyMap<string, string>): string | undefined {
  const wanted = plain(name ?? "");
  return wanted === "unknown" || wanted === "unknownfuturevalue" ? undefined : (known.get(wanted) ?? name);
}

function plain(name: string): string {
  return name.replace(/\s+/g, "").toLowerCase();
}
