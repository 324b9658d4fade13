metadata name = 'App'
metadata description = 'The function app on a Flex Consumption plan of its own, and every app setting.'

import { channels, choices, fromVault } from '../settings.bicep'
import { placement } from '../types.bicep'

@description('Required. Name of the function app.')
param name string

@description('Required. Name of the plan.')
param planName string

@description('Required. Where both are, and their tags.')
param at placement

@description('Required. Name of the existing identity the app acts as.')
param identityName string

@description('Required. Major version of Node.')
param nodeVersion string

@description('Required. Where the deployed package is kept.')
param packageUrl string

@description('Required. Addresses of the storage of the app.')
param storage { blob: string, queue: string, table: string }

@description('Required. Address of the account that evidence is kept in, and for how many days.')
param evidence { url: string, keepDays: int }

@description('Required. The hub that alerts are read from.')
param alertHub { fullyQualifiedNamespace: string, name: string, consumerGroup: string }

@description('Optional. Address of the account that Defender exports to, where alerts are read from one.')
param exportUrl string?

@description('Optional. Address of the Durable Task Scheduler; without it runs are kept in storage.')
param schedulerEndpoint string?

@description('Required. Which Application Insights component telemetry goes to.')
param telemetryConnectionString string

@description('Required. Address of the vault.')
param vaultUrl string

@description('Required. Settings chosen by the operator.')
param settings choices

@description('Required. Settings that refer to a secret in the vault, by its name.')
param vaultSettings fromVault

@description('Required. Settings of channels that refer to a secret in the vault, by its name; without NOTIFY_ at their beginning.')
param channelSettings channels

@description('Optional. The subnet all that the app sends goes through.')
param subnetId string?

@description('Required. Whether it outlives the loss of a zone.')
param zoneRedundant bool

@description('Required. Instances kept ready for playbooks, and as many for the stream.')
param alwaysReady int

@description('Required. The most instances of each group of functions.')
param maximumInstanceCount int

@description('Required. Memory of an instance.')
param instanceMemoryMB 512 | 2048 | 4096

@description('Required. Resource id of the workspace that diagnostic logs go to.')
param workspaceId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: at.location
  tags: at.tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: at.location
  tags: union(at.tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled' // approvers and Slack answer from outside
    virtualNetworkSubnetId: subnetId
    outboundVnetRouting: subnetId == null ? null : { allTraffic: true }
    keyVaultReferenceIdentity: identity.id
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady == 0
          ? []
          : map(['durable', 'function:alertStream'], group => { name: group, instanceCount: alwaysReady })
      }
    }
    siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', http20Enabled: true, cors: { allowedOrigins: [] } }
  }
}

resource basicAuthentication 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = [
  for way in ['scm', 'ftp']: {
    parent: app
    name: any(way)
    properties: { allow: false }
  }
]

@description('Where runs are kept, unless in storage.')
var runsInScheduler = schedulerEndpoint == null
  ? {}
  : {
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${schedulerEndpoint};Authentication=ManagedIdentity;ClientID=${identity.properties.clientId}'
    }

@description('Where the export is read, if at all.')
var readsExport = exportUrl == null ? {} : { ALERT_EXPORT_ACCOUNT_URL: exportUrl }

@description('References to secrets in the vault.')
var references = toObject(
  concat(
    items(vaultSettings),
    map(items(channelSettings), setting => { key: 'NOTIFY_${setting.key}', value: setting.value })
  ),
  setting => setting.key,
  setting => '@Microsoft.KeyVault(SecretUri=${vaultUrl}secrets/${setting.value}/)'
)

// This replaces all settings of the app at each deployment: nothing else sets any.
resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    {
      AzureWebJobsStorage__blobServiceUri: storage.blob
      AzureWebJobsStorage__queueServiceUri: storage.queue
      AzureWebJobsStorage__tableServiceUri: storage.table
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      AlertEventHub__fullyQualifiedNamespace: alertHub.fullyQualifiedNamespace
      AlertEventHub__credential: 'managedidentity'
      AlertEventHub__clientId: identity.properties.clientId
      ALERT_EVENT_HUB_NAME: alertHub.name
      ALERT_EVENT_HUB_CONSUMER_GROUP: alertHub.consumerGroup
      APPLICATIONINSIGHTS_CONNECTION_STRING: telemetryConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      AZURE_CLIENT_ID: identity.properties.clientId
      AZURE_TENANT_ID: tenant().tenantId
      DEFENDER_IDENTITY: 'managed-identity'
      EVIDENCE_ACCOUNT_URL: evidence.url
      EVIDENCE_RETENTION_DAYS: string(evidence.keepDays)
    },
    runsInScheduler,
    readsExport,
    settings,
    references
  )
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('For deployments of the package.')
output appName string = app.name

@description('Where people reach the app.')
output address string = 'https://${app.properties.defaultHostName}'
