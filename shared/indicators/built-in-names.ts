/**
 * Names that machines need to be managed and protected at all. What lies under them is Microsoft's or a certificate
 * authority's own, so nothing under them is blocked either.
 *
 * @see https://learn.microsoft.com/en-us/defender-endpoint/configure-environment
 */
export const NEVER_WITH_SUBDOMAINS = [
  "microsoft.com",
  "microsoftonline.com",
  "microsoftonline-p.com",
  "microsoftazuread-sso.com",
  "microsoft.us",
  "microsoftonline.us",
  "msauth.net",
  "msftauth.net",
  "msidentity.com",
  "msocdn.com",
  "msftconnecttest.com",
  "msftncsi.com",
  "office.com",
  "office.net",
  "office365.com",
  "outlook.com",
  "live.com",
  "windows.com",
  "windowsupdate.com",
  "windowsazure.com",
  "management.azure.com",
  "portal.azure.com",
  "digicert.com",
  "globalsign.com",
  "entrust.net",
  "pki.goog",
] as const;

/**
 * Names under which Microsoft runs its services beside its customers' content: the name itself is never blocked, a single
 * customer's name under it may be.
 */
export const NEVER_ITSELF = [
  "azure.com",
  "cloudapp.azure.com",
  "azure-api.net",
  "windows.net",
  "core.windows.net",
  "blob.core.windows.net",
  "table.core.windows.net",
  "queue.core.windows.net",
  "file.core.windows.net",
  "web.core.windows.net",
  "vault.azure.net",
  "azure.net",
  "azureedge.net",
  "azurefd.net",
  "azurewebsites.net",
  "trafficmanager.net",
  "cloudapp.net",
  "sharepoint.com",
  "onmicrosoft.com",
  "dynamics.com",
  "powerbi.com",
  "amazonaws.com",
  "cloudfront.net",
  "akamai.net",
  "akamaized.net",
  "akamaiedge.net",
  "edgekey.net",
  "edgesuite.net",
  "fastly.net",
] as const;

/** Names of which no host is blocked as a whole, be it under them; single URLs on them may be, as anybody can put files there. */
export const NEVER_WHOLE_HOSTS = [
  "apple.com",
  "cloudflare.com",
  "github.com",
  "githubusercontent.com",
  "google.com",
  "googleapis.com",
  "gstatic.com",
  "icloud.com",
  "lencr.org",
  "letsencrypt.org",
] as const;
