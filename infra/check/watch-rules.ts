import { exists, ofType, type Resource, type Rule, requires, valueAt } from "./resources.ts";

/** Write logs or figures that somebody may have to look at. Which ones the scheduler writes is not documented. */
const LOGGED = [
  "Microsoft.EventHub/namespaces",
  "Microsoft.KeyVault/vaults",
  "Microsoft.OperationalInsights/workspaces",
  "Microsoft.Storage/storageAccounts/blobServices",
  "Microsoft.Storage/storageAccounts/queueServices",
  "Microsoft.Storage/storageAccounts/tableServices",
  "Microsoft.Web/sites",
];

const TAGGED =
  /^Microsoft\.(Web\/(sites|serverfarms)|Storage\/storageAccounts|EventHub\/namespaces|KeyVault\/vaults|DurableTask\/schedulers|OperationalInsights\/workspaces|Insights\/(components|actionGroups|metricAlerts|scheduledQueryRules|workbooks)|ManagedIdentity\/userAssignedIdentities|Network\/(virtualNetworks|privateEndpoints|natGateways|publicIPAddresses|privateDnsZones))$/;

/** What is seen of the app, and by whom. */
export const watchRules: readonly Rule[] = [
  requires("Microsoft.Insights/components", {
    "properties.DisableLocalAuth": true,
    "properties.IngestionMode": "LogAnalytics",
  }),
  requires("Microsoft.OperationalInsights/workspaces", { "properties.features.disableLocalAuth": true }),
  (resources) =>
    resources
      .filter(({ type }) => LOGGED.includes(type))
      .filter((resource) => !isLogged(resource, resources))
      .map(({ name, type }) => `${name} (${type}): has no diagnostic settings`),
  exists("Microsoft.Insights/scheduledQueryRules"),
  exists("Microsoft.Insights/metricAlerts"),
  requires("Microsoft.Insights/scheduledQueryRules", { "properties.enabled": true }),
  requires("Microsoft.Insights/metricAlerts", { "properties.enabled": true }),
  (resources) =>
    [
      ...ofType(resources, "Microsoft.Insights/scheduledQueryRules"),
      ...ofType(resources, "Microsoft.Insights/metricAlerts"),
    ]
      .filter((rule) => !JSON.stringify(valueAt(rule, "properties.actions") ?? "").includes("/actionGroups/"))
      .map(({ name }) => `${name}: tells nobody`),
  (resources) =>
    resources
      .filter((resource) => TAGGED.test(resource.type) && !valueAt(resource, "tags.environment"))
      .map(({ name }) => `${name}: has no tags`),
];

const isLogged = ({ id }: Resource, resources: readonly Resource[]): boolean =>
  resources.some(
    (other) =>
      other.id.startsWith(`${id}/providers/Microsoft.Insights/diagnosticSettings/`) &&
      valueAt(other, "properties.workspaceId") !== undefined,
  );
