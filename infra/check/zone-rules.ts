import { ofType, type Rule, requires, valueAt } from "./resources.ts";

/** What outlives the loss of a zone: for production. */
export const zoneRules: readonly Rule[] = [
  requires("Microsoft.Storage/storageAccounts", { "sku.name": "Standard_ZRS" }),
  requires("Microsoft.Web/serverfarms", { "properties.zoneRedundant": true }),
  requires("Microsoft.EventHub/namespaces", { "properties.zoneRedundant": true }),
  requires("Microsoft.DurableTask/schedulers", { "properties.sku.name": "Dedicated", "properties.sku.capacity": 3 }),
  (resources) =>
    ofType(resources, "Microsoft.Web/sites").flatMap((site) => {
      const ready = valueAt(site, "properties.functionAppConfig.scaleAndConcurrency.alwaysReady");
      const groups = Array.isArray(ready) ? (ready as unknown[]) : [];
      const counts = groups.map((group) => Number(valueAt(group, "instanceCount")));
      return counts.length > 0 && Math.min(...counts) >= 2
        ? []
        : [`${site.name}: keeps fewer than 2 instances ready of a group of functions`];
    }),
];
