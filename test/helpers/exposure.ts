import type { SimulatorControl } from "../../local/defender/control-client.ts";
import { MACHINE_ID } from "./builders.ts";

/**
 * One machine with one product that has a vulnerability, and what vulnerability management knows about them. Beside the
 * vulnerability stands one of a shape that is not documented.
 */
export async function putExposure(simulator: SimulatorControl): Promise<void> {
  await simulator.addMachine({ id: MACHINE_ID, computerDnsName: "fin-laptop-07" });
  const finding = { machineId: MACHINE_ID, productName: "reader", productVendor: "contoso", fixingKbId: "5001234" };
  await simulator.putRows("softwareInventory", [
    { deviceId: MACHINE_ID, softwareVendor: "contoso", softwareName: "reader", softwareVersion: "1.2" },
  ]);
  await simulator.putRows("software", [{ id: "contoso-_-reader", name: "reader", vendor: "contoso", weaknesses: 1 }]);
  await simulator.putRows("vulnerabilities", [
    { id: "CVE-2026-0002", severity: { unheard: "of" } },
    { id: "CVE-2026-0001", name: "CVE-2026-0001", severity: "Critical", cvssV3: 9.8 },
  ]);
  await simulator.putRows("machineVulnerabilities", [
    { id: "odd", cveId: "CVE-2026-0002", productVersion: 1.2, severity: "Low", ...finding },
    { id: "f1", cveId: "CVE-2026-0001", productVersion: "1.2", severity: "Critical", ...finding },
  ]);
  await simulator.putRows("recommendations", [
    { id: "va-_-contoso-_-reader", productName: "reader", vendor: "contoso", status: "Active", severityScore: 8.5 },
  ]);
}
