import { describe, expect, test } from "vitest";
import { committedResources, committedRoleIds, committedText } from "../../infra/check/committed.ts";
import { type Resource, valueAt } from "../../infra/check/resources.ts";
import { DEPLOYMENTS, problemsOf } from "../../infra/check/rules.ts";

const roleIds = committedRoleIds();

test.each(DEPLOYMENTS)("%s keeps every rule", (deployment) => {
  expect(problemsOf(deployment, committedResources(deployment), roleIds)).toEqual([]);
});

test("no template reads a key", () => {
  expect(committedText("main.json")).not.toMatch(/list(Account)?(Keys|Secrets|Sas)\b|AccountKey=|SharedAccessKey=/i);
});

test("no parameter takes a secret, and no output gives one", () => {
  expect(committedText("main.json")).not.toMatch(/"secure(string|object)"/i);
  const { outputs } = JSON.parse(committedText("main.json")) as { outputs: object };
  expect(Object.keys(outputs)).toEqual([
    "ALERT_HUB",
    "APP_NAME",
    "APP_URL",
    "DURABLE_BACKEND",
    "IDENTITY_PRINCIPAL_ID",
    "STREAM_NAMESPACE_ID",
  ]);
});

/** Changes a value in the first resource of a type, or of that type and name. */
const change =
  (type: string, path: string, value: unknown, name = "") =>
  (resources: Resource[]): Resource[] => {
    const found = resources.find((resource) => resource.type === type && resource.name.includes(name));
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const owner = keys.length > 0 ? valueAt(found, keys.join(".")) : found;
    if (!owner) throw new Error(`no ${type} ${name} with ${path}`);
    Object.assign(owner, { [last]: value });
    return resources;
  };

const without =
  (type: string, name = "") =>
  (resources: Resource[]): Resource[] =>
    resources.filter((resource) => !(resource.type === type && resource.name.includes(name)));

const add =
  (type: string, name: string) =>
  (resources: Resource[]): Resource[] => [...resources, { id: `/x/${name}`, type, name }];

const STORAGE = "Microsoft.Storage/storageAccounts";
const HUBS = "Microsoft.EventHub/namespaces";
const SITE = "Microsoft.Web/sites";
const ROLE = "Microsoft.Authorization/roleAssignments";
const ALERT = "Microsoft.Insights/scheduledQueryRules";

describe("a rule that is broken is told of", () => {
  test.each<[string, (resources: Resource[]) => Resource[], RegExp]>([
    ["storage with keys", change(STORAGE, "properties.allowSharedKeyAccess", true), /allowSharedKeyAccess/],
    ["storage open to all", change(STORAGE, "properties.allowBlobPublicAccess", true), /allowBlobPublic/],
    ["storage with old TLS", change(STORAGE, "properties.minimumTlsVersion", "TLS1_0"), /minimumTlsVersion/],
    ["storage without TLS", change(STORAGE, "properties.supportsHttpsTrafficOnly", false), /HttpsTraffic/],
    [
      "a public container",
      change(`${STORAGE}/blobServices/containers`, "properties.publicAccess", "Blob"),
      /publicAccess/,
    ],
    [
      "evidence that can be changed",
      change(
        `${STORAGE}/blobServices/containers`,
        "properties.immutableStorageWithVersioning.enabled",
        false,
        "evidence/default/evidence",
      ),
      /not immutable/,
    ],
    ["evidence kept for no time", without(`${STORAGE}/blobServices/containers/immutabilityPolicies`), /no time is set/],
    ["a stream with keys", change(HUBS, "properties.disableLocalAuth", false), /disableLocalAuth/],
    ["a key of the stream", add(`${HUBS}/authorizationRules`, "RootManage"), /is a key/],
    ["no consumer group", without(`${HUBS}/eventhubs/consumergroups`), /consumergroups/],
    ["one partition", change(`${HUBS}/eventhubs`, "properties.partitionCount", 1), /partitions/],
    [
      "a vault with access policies",
      change("Microsoft.KeyVault/vaults", "properties.enableRbacAuthorization", false),
      /RbacAuthorization/,
    ],
    [
      "a vault that can be purged",
      change("Microsoft.KeyVault/vaults", "properties.enablePurgeProtection", undefined),
      /PurgeProtection/,
    ],
    [
      "telemetry with a key",
      change("Microsoft.Insights/components", "properties.DisableLocalAuth", false),
      /DisableLocalAuth/,
    ],
    ["an app over HTTP", change(SITE, "properties.httpsOnly", false), /httpsOnly/],
    ["an app without its identity", change(SITE, "identity.type", "None"), /identity.type/],
    ["a second app", add(SITE, "other"), /more than one app/],
    ["Node 20", change(SITE, "properties.functionAppConfig.runtime.version", "20"), /Node 20 is none of 22, 24/],
    ["CORS for all", change(SITE, "properties.siteConfig.cors.allowedOrigins", ["*"]), /CORS/],
    [
      "deployment by password",
      change(`${SITE}/basicPublishingCredentialsPolicies`, "properties.allow", true),
      /takes a password/,
    ],
    ["a key in a setting", change(`${SITE}/config`, "properties", { X: "AccountKey=abc" }), /has a key or a secret/],
    [
      "a role on the whole group",
      change(ROLE, "id", `/subscriptions/s/resourceGroups/rg/providers/${ROLE}/x`),
      /more than one resource/,
    ],
    [
      "an Owner",
      change(ROLE, "properties.roleDefinitionId", "/x/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
      /roles.bicep does not have/,
    ],
    ["a role under a new name each time", change(ROLE, "name", "[newGuid()]"), /not known before/],
    ["nobody told", change(ALERT, "properties.actions", {}), /tells nobody/],
    ["an alert rule that is off", change(ALERT, "properties.enabled", false), /properties.enabled/],
    ["a resource nobody owns", change(STORAGE, "tags", {}), /has no tags/],
    [
      "no logs of the vault",
      (all) => all.filter(({ id }) => !/vaults\/[^/]+\/providers\/Microsoft.Insights/.test(id)),
      /vaults\): has no diagnostic settings/,
    ],
    ["storage that is not private", change(STORAGE, "properties.publicNetworkAccess", "Enabled"), /internet/],
    ["no private endpoint of the vault", without("Microsoft.Network/privateEndpoints", "pep-vault"), /no private endp/],
    ["a zone without link", without("Microsoft.Network/privateDnsZones/virtualNetworkLinks", "vault"), /not linked/],
    [
      "a subnet of its own will",
      change("Microsoft.Network/virtualNetworks", "properties.subnets.0.properties.delegations", []),
      /not delegated/,
    ],
    ["storage in one zone", change(STORAGE, "sku.name", "Standard_LRS"), /sku.name/],
    ["a plan in one zone", change("Microsoft.Web/serverfarms", "properties.zoneRedundant", false), /zoneRed/],
    ["a scheduler in one zone", change("Microsoft.DurableTask/schedulers", "properties.sku.capacity", 1), /capacity/],
    [
      "one instance kept ready",
      change(SITE, "properties.functionAppConfig.scaleAndConcurrency.alwaysReady", []),
      /instances ready/,
    ],
  ])("%s", (_, mutate, said) => {
    const resources = mutate(structuredClone(committedResources("prod")));
    expect(problemsOf("prod", resources, roleIds).join("\n")).toMatch(said);
  });
});
