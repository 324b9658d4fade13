import { exists, ofType, type Rule, requires, valueAt } from "./resources.ts";

/** No account takes a key, is public, or speaks old TLS. */
const storage: Rule[] = [
  exists("Microsoft.Storage/storageAccounts"),
  requires("Microsoft.Storage/storageAccounts", {
    "properties.allowSharedKeyAccess": false,
    "properties.allowBlobPublicAccess": false,
    "properties.isLocalUserEnabled": false,
    "properties.minimumTlsVersion": "TLS1_2",
    "properties.supportsHttpsTrafficOnly": true,
  }),
  requires("Microsoft.Storage/storageAccounts/blobServices/containers", { "properties.publicAccess": "None" }),
];

/** Evidence cannot be changed: its container keeps versions, each immutable for a time. */
const evidence: Rule = (resources) => {
  const container = ofType(resources, "Microsoft.Storage/storageAccounts/blobServices/containers").find(({ name }) =>
    name.endsWith("/evidence"),
  );
  const policy = resources.find(({ id }) => id.startsWith(`${container?.id}/immutabilityPolicies/`));
  const service = resources.find(({ id }) => id === container?.id.replace("/containers/evidence", ""));
  return [
    ...(valueAt(container, "properties.immutableStorageWithVersioning.enabled") === true
      ? []
      : ["evidence: its versions are not immutable"]),
    ...(Number(valueAt(policy, "properties.immutabilityPeriodSinceCreationInDays")) > 0
      ? []
      : ["evidence: no time is set for which versions are immutable"]),
    ...(valueAt(service, "properties.isVersioningEnabled") === true ? [] : ["evidence: its account keeps no versions"]),
  ];
};

/** The stream takes no key, and the app reads it in a group of its own. */
const stream: Rule[] = [
  exists("Microsoft.EventHub/namespaces"),
  requires("Microsoft.EventHub/namespaces", {
    "properties.disableLocalAuth": true,
    "properties.minimumTlsVersion": "1.2",
  }),
  (resources) =>
    resources
      .filter(({ type }) => /authorizationRules$/i.test(type))
      .map(({ name }) => `${name}: is a key; identities need none`),
  exists("Microsoft.EventHub/namespaces/eventhubs/consumergroups"),
  (resources) =>
    ofType(resources, "Microsoft.EventHub/namespaces/eventhubs")
      .filter((hub) => !(Number(valueAt(hub, "properties.partitionCount")) >= 2))
      .map(({ name }) => `${name}: has less than 2 partitions`),
];

const vault: Rule[] = [
  exists("Microsoft.KeyVault/vaults"),
  requires("Microsoft.KeyVault/vaults", {
    "properties.enableRbacAuthorization": true,
    "properties.enablePurgeProtection": true,
    "properties.accessPolicies": undefined,
  }),
];

/** What keeps something. */
export const dataRules: readonly Rule[] = [...storage, evidence, ...stream, ...vault];
