import { exists, ofType, type Resource, type Rule, requires, valueAt } from "./resources.ts";

const SITE = "Microsoft.Web/sites";

/** The app itself: its identity, and nothing that a password opens. */
export const appRules: readonly Rule[] = [
  exists(SITE),
  (resources) => (ofType(resources, SITE).length > 1 ? ["more than one app; a Flex Consumption plan takes one"] : []),
  requires("Microsoft.Web/serverfarms", { "sku.name": "FC1", "properties.reserved": true }),
  requires(SITE, {
    "properties.httpsOnly": true,
    "properties.siteConfig.minTlsVersion": "1.2",
    "properties.siteConfig.scmMinTlsVersion": "1.2",
    "identity.type": "UserAssigned",
    "properties.functionAppConfig.runtime.name": "node",
    "properties.functionAppConfig.deployment.storage.authentication.type": "UserAssignedIdentity",
  }),
  (resources) =>
    ofType(resources, SITE).flatMap((site) => [
      ...wrongNode(site),
      ...(JSON.stringify(valueAt(site, "properties.siteConfig.cors") ?? "").includes("*")
        ? ["CORS is open to all"]
        : []),
      ...["scm", "ftp"].filter((way) => !isClosed(resources, way)).map((way) => `${way}: takes a password`),
    ]),
  (resources) =>
    resources.flatMap((resource) =>
      KEYS.exec(JSON.stringify(resource)) ? [`${resource.name}: has a key or a secret in it`] : [],
    ),
];

/** Majors that Azure runs and that what is built runs on. */
const NODE_VERSIONS = ["22", "24"];

const wrongNode = (site: Resource): string[] => {
  const version = String(valueAt(site, "properties.functionAppConfig.runtime.version"));
  return NODE_VERSIONS.includes(version) ? [] : [`Node ${version} is none of ${NODE_VERSIONS.join(", ")}`];
};

const isClosed = (resources: readonly Resource[], way: string): boolean =>
  ofType(resources, `${SITE}/basicPublishingCredentialsPolicies`).some(
    (policy) => policy.name.endsWith(`/${way}`) && valueAt(policy, "properties.allow") === false,
  );

/** Functions that read a key, and the parts of connection strings that hold one. */
const KEYS = /list(Account)?(Keys|Secrets|Sas)\b|list\w*Keys\(|AccountKey=|SharedAccessKey=|SharedAccessSignature/i;
