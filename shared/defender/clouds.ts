import type { Service } from "./call.ts";

export const CLOUDS = ["commercial", "gcc", "gcc-high", "dod"] as const;
export type CloudName = (typeof CLOUDS)[number];

/** Parts of the commercial cloud that answer faster from nearby. Same paths, same tokens. */
export const GEOS = ["us", "eu", "uk", "au", "swa", "ina", "aea"] as const;
export type Geo = (typeof GEOS)[number];

/** Where one of Microsoft's services is, and what its token is asked for. The two differ on purpose. */
export interface ServiceAddress {
  /** Without a slash at its end. */
  apiUrl: string;
  scope: string;
}

/** One of Microsoft's clouds, as a client needs to know it. Tokens of one are worth nothing in another. */
export interface Cloud {
  services: Readonly<Record<Service, ServiceAddress>>;
  /** The Entra sign-in host. */
  authorityHost: string;
  /** What a managed identity's token must be made out to so that an app registration trusts it in place of a secret. */
  tokenExchangeAudience: string;
  /** Which service hunting queries are sent to: Graph wherever it takes them, as Defender's own is being retired. */
  hunting: "graph" | "defender";
}

/** Both are the sign-in services of all tenants of their clouds. */
const COMMERCIAL_SIGN_IN = {
  authorityHost: "https://login.microsoftonline.com", // gov.md, usgov.md: GCC signs in here too
  tokenExchangeAudience: "api://AzureADTokenExchange", // workload-identity-federation-config-app-trust-managed-identity.md
} as const;

const US_GOVERNMENT_SIGN_IN = {
  authorityHost: "https://login.microsoftonline.us", // gov.md, usgov.md
  tokenExchangeAudience: "api://AzureADTokenExchangeUSGov", // workload-identity-federation-config-app-trust-managed-identity.md
} as const;

/**
 * Microsoft's clouds, with the document each value comes from. What no document says is marked "unconfirmed"; a setting
 * can replace it.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/gov
 * @see https://learn.microsoft.com/en-us/defender-xdr/usgov
 * @see https://learn.microsoft.com/en-us/graph/deployments
 */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  commercial: {
    ...COMMERCIAL_SIGN_IN,
    services: {
      defender: {
        apiUrl: "https://api.security.microsoft.com", // exposed-apis-list.md
        scope: "https://api.securitycenter.microsoft.com/.default", // exposed-apis-create-app-webapp.md
      },
      xdr: {
        apiUrl: "https://api.security.microsoft.com", // api-supported.md
        scope: "https://api.security.microsoft.com/.default", // api-supported.md
      },
      graph: {
        apiUrl: "https://graph.microsoft.com", // deployments.md
        scope: "https://graph.microsoft.com/.default", // national-clouds.md: a scope has the domain of the service
      },
    },
    hunting: "graph", // security-security-runhuntingquery.md
  },
  gcc: {
    ...COMMERCIAL_SIGN_IN,
    services: {
      defender: {
        apiUrl: "https://api-gcc.securitycenter.microsoft.us", // gov.md
        scope: "https://api-gcc.securitycenter.microsoft.us/.default", // unconfirmed; the audience was observed
      },
      xdr: {
        apiUrl: "https://api-gcc.security.microsoft.us", // usgov.md
        scope: "https://api-gcc.security.microsoft.us/.default", // unconfirmed
      },
      graph: {
        apiUrl: "https://graph.microsoft.com", // deployments.md: GCC is on the worldwide Graph
        scope: "https://graph.microsoft.com/.default", // national-clouds.md
      },
    },
    hunting: "graph", // security-security-runhuntingquery.md: for the global service
  },
  "gcc-high": {
    ...US_GOVERNMENT_SIGN_IN,
    services: {
      defender: {
        apiUrl: "https://api-gov.securitycenter.microsoft.us", // gov.md
        scope: "https://api-gov.securitycenter.microsoft.us/.default", // unconfirmed; the audience was observed
      },
      xdr: {
        apiUrl: "https://api-gov.security.microsoft.us", // usgov.md
        scope: "https://api-gov.security.microsoft.us/.default", // unconfirmed
      },
      graph: {
        apiUrl: "https://graph.microsoft.us", // deployments.md
        scope: "https://graph.microsoft.us/.default", // national-clouds.md
      },
    },
    hunting: "graph", // security-security-runhuntingquery.md: for US Government L4
  },
  dod: {
    ...US_GOVERNMENT_SIGN_IN,
    services: {
      defender: {
        apiUrl: "https://api-gov.securitycenter.microsoft.us", // gov.md
        scope: "https://api-gov.securitycenter.microsoft.us/.default", // unconfirmed; the audience was observed
      },
      xdr: {
        apiUrl: "https://api-gov.security.microsoft.us", // usgov.md
        scope: "https://api-gov.security.microsoft.us/.default", // unconfirmed
      },
      graph: {
        apiUrl: "https://dod-graph.microsoft.us", // deployments.md
        scope: "https://dod-graph.microsoft.us/.default", // national-clouds.md
      },
    },
    hunting: "graph", // security-security-runhuntingquery.md: for US Government L5
  },
};

/** Hosts of Defender XDR near a geography: fewer than Defender for Endpoint has, and named differently (api-supported.md). */
const XDR_GEO_HOSTS: Partial<Record<Geo, string>> = {
  us: "https://api-us.security.microsoft.com",
  eu: "https://api-eu.security.microsoft.com",
  uk: "https://api-uk.security.microsoft.com",
};

/**
 * The services of a cloud, from nearby where it has hosts there.
 *
 * @param geo only the commercial cloud has geographies; which countries `swa`, `ina` and `aea` stand for is unconfirmed
 * @see https://learn.microsoft.com/en-us/defender-endpoint/api/exposed-apis-odata-samples
 */
export function servicesOf(cloud: CloudName, geo?: Geo): Record<Service, ServiceAddress> {
  const { defender, xdr, graph } = clouds[cloud].services;
  if (cloud !== "commercial" || geo === undefined) return { defender, xdr, graph };
  return {
    defender: { ...defender, apiUrl: `https://${geo}.api.security.microsoft.com` },
    xdr: { ...xdr, apiUrl: XDR_GEO_HOSTS[geo] ?? xdr.apiUrl },
    graph,
  };
}
