import type { Machine } from "./machine.ts";
import type { Row } from "./table.ts";
import type { Tenant } from "./tenant.ts";

/** Who has what: software, vulnerabilities and updates follow from the inventory and from what was found on machines. */

interface Product {
  vendor: string;
  name: string;
}

/** The ids of software, `vendor-_-product`, and of recommendations, `va-_-vendor-_-product`. */
export function productOf(id: string): Product {
  const [vendor = "", name = ""] = id.replace(/^va-_-/i, "").split("-_-");
  return { vendor, name };
}

const softwareId = ({ softwareVendor, softwareName }: Row): string => `${softwareVendor}-_-${softwareName}`;

export const inventoryOfProduct = ({ tables }: Tenant, { vendor, name }: Product): Row[] =>
  tables.softwareInventory.where("softwareName", name).filter((row) => row.softwareVendor === vendor);

export const findingsInProduct = ({ tables }: Tenant, { vendor, name }: Product): Row[] =>
  tables.machineVulnerabilities.where("productName", name).filter((row) => row.productVendor === vendor);

export const findingsOnMachine = ({ tables }: Tenant, machineId: string): Row[] =>
  tables.machineVulnerabilities.where("machineId", machineId);

export function softwareOfMachine({ tables }: Tenant, machineId: string): Row[] {
  const ids = new Set(tables.softwareInventory.where("deviceId", machineId).map(softwareId));
  return [...ids].map((id) => tables.software.get(id)).filter((row) => row !== undefined);
}

/** The vulnerabilities that were found. */
export function vulnerabilitiesIn({ tables }: Tenant, findings: Row[]): Row[] {
  const ids = new Set(findings.map(({ cveId }) => String(cveId)));
  return [...ids].map((id) => tables.vulnerabilities.get(id)).filter((row) => row !== undefined);
}

/** The updates that would mend what was found. */
export function missingKbsIn(findings: Row[]): Row[] {
  const byKb = Map.groupBy(findings, ({ fixingKbId }) => fixingKbId);
  return [...byKb].flatMap(([id, rows]) => (typeof id === "string" && id !== "" ? [missingKb(id, rows)] : []));
}

const missingKb = (id: string, findings: Row[]): Row => ({
  id,
  name: `Security update KB${id}`,
  productsNames: distinct(findings, "productName"),
  url: `https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB${id}`,
  machineMissedOn: distinct(findings, "machineId").length,
  cveAddressed: distinct(findings, "cveId").length,
});

/** The versions of a product and how often they are installed. */
export function distributionsOf(tenant: Tenant, product: Product): Row[] {
  const findings = Map.groupBy(findingsInProduct(tenant, product), ({ productVersion }) => productVersion);
  const installed = Map.groupBy(inventoryOfProduct(tenant, product), ({ softwareVersion }) => softwareVersion);
  return [...installed].map(([version, rows]) => ({
    version,
    installations: rows.length,
    vulnerabilities: distinct(findings.get(version) ?? [], "cveId").length,
  }));
}

/** The ids of the machines a recommendation is for: those with a finding in its product, or with its setting wrong. */
export function machinesExposedTo(tenant: Tenant, recommendationId: string): string[] {
  if (!/^sca-_-/i.test(recommendationId)) {
    return distinct(findingsInProduct(tenant, productOf(recommendationId)), "machineId");
  }
  const rows = tenant.tables.secureConfigurations.where("recommendationReference", recommendationId);
  return distinct(
    rows.filter(({ isCompliant }) => isCompliant === false),
    "deviceId",
  );
}

export function recommendationsFor(tenant: Tenant, machineId: string): Row[] {
  const { recommendations, secureConfigurations } = tenant.tables;
  const ofFindings = findingsOnMachine(tenant, machineId).map(
    ({ productVendor, productName }) => `va-_-${productVendor}-_-${productName}`,
  );
  const ofSettings = secureConfigurations
    .where("deviceId", machineId)
    .filter(({ isCompliant }) => isCompliant === false)
    .map(({ recommendationReference }) => String(recommendationReference));
  const ids = new Set([...ofFindings, ...ofSettings]);
  return [...ids].map((id) => recommendations.get(id)).filter((row) => row !== undefined);
}

/** Machines as vulnerability management refers to them. */
export function machineReferences({ machines }: Tenant, ids: string[]): Row[] {
  const known = ids.flatMap((id) => machines.get(id)?.machine ?? []);
  return known.map(({ id, computerDnsName, osPlatform, rbacGroupName }: Machine) => ({
    id,
    computerDnsName,
    osPlatform,
    rbacGroupName,
  }));
}

export const distinct = (rows: Row[], property: string): string[] => [
  ...new Set(rows.map((row) => String(row[property]))),
];
