import type { Machine } from "../machine.ts";
import { toDefenderTime } from "../timestamp.ts";
import type { Random } from "./random.ts";

interface Product {
  vendor: string;
  name: string;
  title: string;
  /** The first is out of date and has the vulnerability. */
  versions: readonly [string, string];
  cve: string;
  severity: string;
  kb: string | null;
}

const PRODUCTS: readonly Product[] = [
  {
    vendor: "google",
    name: "chrome",
    title: "Chrome",
    versions: ["127.0.6533.72", "131.0.6778.86"],
    cve: "CVE-2024-7971",
    severity: "High",
    kb: null,
  },
  {
    vendor: "mozilla",
    name: "firefox",
    title: "Firefox",
    versions: ["128.0.3", "133.0"],
    cve: "CVE-2024-9680",
    severity: "Critical",
    kb: null,
  },
  {
    vendor: "microsoft",
    name: "windows_11",
    title: "Windows 11",
    versions: ["10.0.26100.1742", "10.0.26100.2605"],
    cve: "CVE-2024-49138",
    severity: "High",
    kb: "5048667",
  },
  {
    vendor: "7-zip",
    name: "7-zip",
    title: "7-Zip",
    versions: ["23.1.0.0", "24.8.0.0"],
    cve: "CVE-2024-11477",
    severity: "Medium",
    kb: null,
  },
];

export const productId = ({ vendor, name }: Product): string => `${vendor}-_-${name}`;

/** What a machine has installed: a row of the inventory per product, and a finding where the version is old. */
export function seedExposure(random: Random, machine: Machine) {
  const installed = PRODUCTS.filter(() => random.chance(0.6)).map((product) => ({
    product,
    isOld: random.chance(0.3),
  }));
  const inventory = installed.map(({ product, isOld }) => ({
    deviceId: machine.id,
    deviceName: machine.computerDnsName,
    osPlatform: machine.osPlatform,
    rbacGroupName: machine.rbacGroupName,
    rbacGroupId: machine.rbacGroupId,
    softwareVendor: product.vendor,
    softwareName: product.name,
    softwareVersion: product.versions[isOld ? 0 : 1],
    numberOfWeaknesses: isOld ? 1 : 0,
    diskPaths: [],
    registryPaths: [],
    softwareFirstSeenTimestamp: machine.firstSeen.slice(0, 19).replace("T", " "),
    endOfSupportStatus: "None",
    endOfSupportDate: null,
  }));
  const findings = installed
    .filter(({ isOld }) => isOld)
    .map(({ product: { cve, vendor, name, versions, severity, kb } }) => ({
      id: `${machine.id}-_-${cve}-_-${vendor}-_-${name}-_-${versions[0]}-_-${kb ?? ""}`,
      cveId: cve,
      machineId: machine.id,
      fixingKbId: kb,
      productName: name,
      productVendor: vendor,
      productVersion: versions[0],
      severity,
    }));
  return { inventory, findings };
}

/** What the tenant as a whole knows of the products: the software, the vulnerabilities, and what is recommended. */
export const seedProducts = (exposedMachines: (product: string) => number, now: number) =>
  PRODUCTS.map((product) => {
    const exposed = exposedMachines(product.name);
    const common = { publicExploit: false, activeAlert: false };
    return {
      software: {
        ...common,
        id: productId(product),
        name: product.name,
        vendor: product.vendor,
        weaknesses: 1,
        exposedMachines: exposed,
        impactScore: exposed / 10,
      },
      vulnerability: {
        id: product.cve,
        name: product.cve,
        description: `A weakness in ${product.title} lets attackers run code of their own.`,
        severity: product.severity,
        cvssV3: product.severity === "Critical" ? 9.8 : 7.8,
        exposedMachines: exposed,
        publishedOn: toDefenderTime(now - 60 * 24 * 60 * 60_000),
        updatedOn: toDefenderTime(now - 30 * 24 * 60 * 60_000),
        publicExploit: false,
        exploitVerified: false,
        exploitInKit: false,
        exploitTypes: [],
        exploitUris: [],
      },
      recommendation: {
        ...common,
        id: `va-_-${productId(product)}`,
        productName: product.name,
        recommendationName: `Update ${product.title} to version ${product.versions[1]}`,
        weaknesses: 1,
        vendor: product.vendor,
        recommendedVersion: product.versions[1],
        recommendedVendor: "",
        recommendedProgram: "",
        recommendationCategory: "Application",
        subCategory: "",
        severityScore: 0,
        associatedThreats: [],
        remediationType: "Update",
        status: "Active",
        configScoreImpact: 0,
        exposureImpact: exposed / 100,
        totalMachineCount: exposed,
        exposedMachinesCount: exposed,
        nonProductivityImpactedAssets: 0,
        relatedComponent: product.title,
        hasUnpatchableCve: false,
        tags: [],
        exposedCriticalDevices: 0,
      },
    };
  });
