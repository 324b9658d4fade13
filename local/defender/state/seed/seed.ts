import { z } from "zod";
import type { Tenant } from "../tenant.ts";
import { toDefenderTime } from "../timestamp.ts";
import { seedAlert, seedFile } from "./alerts.ts";
import { seedAntivirus } from "./antivirus.ts";
import { seedExposure, seedProducts } from "./exposure.ts";
import { seedMachine, seedUser } from "./machines.ts";
import { createRandom } from "./random.ts";

/** How much to make up. The same seed gives the same machines and alerts; their times count back from now. */
export const SeedOrder = z.strictObject({
  seed: z.number().int().default(1),
  machines: z.number().int().min(0),
  /** On the machines; none if there are none. */
  alerts: z.number().int().min(0).default(0),
});
export type SeedOrder = z.input<typeof SeedOrder>;

/** Fills the tenant with machines, their users, software and antivirus, and with alerts and the files in them. */
export function seedTenant(tenant: Tenant, { seed, machines: size, alerts }: z.output<typeof SeedOrder>) {
  const random = createRandom(seed);
  const now = tenant.now();
  const exposed = new Map<string, number>();

  const places = Array.from({ length: size }, (_, number) => {
    const machine = seedMachine(random, number, now);
    const user = seedUser(random, machine);
    const { inventory, findings } = seedExposure(random, machine);
    tenant.putMachine({ machine, offline: false, failing: {} });
    tenant.tables.put("logonUsers", user);
    tenant.tables.put("deviceAvInfo", seedAntivirus(random, machine, now));
    for (const row of inventory) tenant.tables.put("softwareInventory", row);
    for (const row of findings) {
      tenant.tables.put("machineVulnerabilities", row);
      exposed.set(row.productName, (exposed.get(row.productName) ?? 0) + 1);
    }
    return { machine, user };
  });

  for (const { software, vulnerability, recommendation } of seedProducts((name) => exposed.get(name) ?? 0, now)) {
    tenant.tables.put("software", software);
    tenant.tables.put("vulnerabilities", vulnerability);
    tenant.tables.put("recommendations", recommendation);
  }
  tenant.tables.put("exposureScores", { time: toDefenderTime(now), score: 20 + random.below(4000) / 100 });
  tenant.tables.put("configurationScores", { time: toDefenderTime(now), score: 200 + random.below(400) });

  const files = Array.from({ length: 20 }, () => seedFile(random, now));
  for (const file of alerts > 0 ? files : []) tenant.tables.put("files", file);
  for (let number = 0; number < (size > 0 ? alerts : 0); number += 1) {
    const place = { ...random.one(places), file: random.one(files), tenantId: tenant.id, now };
    tenant.putAlert(seedAlert(random, number, place));
  }
  return { machines: size, alerts: size > 0 ? alerts : 0 };
}
