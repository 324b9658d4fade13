using './main.bicep'

// For azd, which fills these in: azd env set DURABLE_BACKEND storage, and so on.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param durableBackend = any(readEnvironmentVariable('DURABLE_BACKEND', 'scheduler'))
param zoneRedundant = bool(readEnvironmentVariable('ZONE_REDUNDANT', 'false'))
param privateNetworking = bool(readEnvironmentVariable('PRIVATE_NETWORKING', 'false'))
param alwaysReady = int(readEnvironmentVariable('ALWAYS_READY', '0'))
param settings = any(json(readEnvironmentVariable('APP_SETTINGS', '{}')))
param vaultSettings = any(json(readEnvironmentVariable('APP_SECRETS', '{}')))
param channelSettings = any(json(readEnvironmentVariable('APP_CHANNELS', '{}')))
