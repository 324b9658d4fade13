import { ofType, type Resource, type Rule, valueAt } from "./resources.ts";

const ENDPOINT = "Microsoft.Network/privateEndpoints";

/** Have no door of their own to the internet once there are private endpoints. The stream has: Defender writes to it. */
const CLOSED = ["Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults", "Microsoft.DurableTask/schedulers"];
const REACHED = [...CLOSED, "Microsoft.EventHub/namespaces"];

/** Where a deployment has private endpoints, everything that can be private is. */
export const networkRule: Rule = (resources) => {
  const endpoints = ofType(resources, ENDPOINT);
  if (endpoints.length === 0) return [];
  const reached = endpoints.map(targetOf);
  return [
    ...resources
      .filter(({ type }) => CLOSED.includes(type))
      .filter((resource) => valueAt(resource, "properties.publicNetworkAccess") !== "Disabled")
      .map(({ name }) => `${name}: can be reached from the internet`),
    ...resources
      .filter(({ type, id }) => REACHED.includes(type) && !reached.includes(id))
      .map(({ name }) => `${name}: has no private endpoint`),
    ...endpoints
      .filter(({ id }) => !resources.some((other) => other.id.startsWith(`${id}/privateDnsZoneGroups/`)))
      .map(({ name }) => `${name}: has no name in a private zone`),
    ...withoutLink(resources),
    ...wrongSubnet(resources),
  ];
};

const targetOf = (endpoint: Resource): unknown =>
  valueAt(endpoint, "properties.privateLinkServiceConnections.0.properties.privateLinkServiceId");

const withoutLink = (resources: readonly Resource[]): string[] => {
  const zones = ofType(resources, "Microsoft.Network/privateDnsZones").length;
  const links = ofType(resources, "Microsoft.Network/privateDnsZones/virtualNetworkLinks").length;
  return links < zones ? [`${zones - links} private zones are not linked to the network`] : [];
};

/** Flex Consumption takes only a subnet that is delegated to it. */
const wrongSubnet = (resources: readonly Resource[]): string[] => {
  const site = resources.find(({ type }) => type === "Microsoft.Web/sites");
  const subnetId = String(valueAt(site, "properties.virtualNetworkSubnetId"));
  const network = resources.find(({ id }) => subnetId.startsWith(`${id}/subnets/`));
  const subnets = (valueAt(network, "properties.subnets") ?? []) as unknown[];
  const subnet = subnets.find((candidate) => subnetId.endsWith(`/${valueAt(candidate, "name")}`));
  const service = valueAt(subnet, "properties.delegations.0.properties.serviceName");
  return service === "Microsoft.App/environments" ? [] : ["the app's subnet is not delegated to Flex Consumption"];
};
