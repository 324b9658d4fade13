/**
 * Settings of `shared/config.ts` that a deployment never sets, and why. Every other one is set by `modules/app.bicep` or is
 * offered in `settings.bicep`.
 */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  ALERT_EXPORT_CONNECTION: "a connection string; the identity signs in",
  AlertEventHub: "a connection string; the identity signs in",
  AZURE_CLIENT_CERTIFICATE_PATH: "only on one machine; the identity signs in",
  AZURE_CLIENT_SECRET: "only on one machine; the identity signs in",
  AzureWebJobsStorage: "a connection string; the identity signs in",
  AzureWebJobsStorage__accountName: "the addresses are set, which hold in every cloud",
  DEFENDER_CERTIFICATE_PATH: "only on one machine; a federated identity signs in to another tenant",
  DEFENDER_CLIENT_SECRET: "a secret; a federated identity signs in to another tenant",
  PLAYBOOKS_CONFIG_FOLDER: "the configuration is in the package",
  WEBSITE_HOSTNAME: "Azure sets it",
};
