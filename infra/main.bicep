metadata name = 'Playbooks'
metadata description = 'Everything the app needs in one resource group. It has one identity and no key; the README shows the picture.'

import { channels, choices, fromVault } from './settings.bicep'
import { placement, tags as tagsByName } from './types.bicep'

@description('Optional. Azure region.')
param location string = resourceGroup().location

@description('Optional. Short name of this app in the names of resources.')
@minLength(2)
@maxLength(10)
param workload string = 'playbooks'

@description('Required. Environment, e.g. dev or prod; part of names and tags.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Optional. Major version of Node.')
@allowed(['22', '24'])
param nodeVersion string = '22'

@description('Optional. Where runs are kept: in a Durable Task Scheduler, or in storage where a region has none. Runs do not move from one to the other. Package the app for the same one.')
@allowed(['scheduler', 'storage'])
param durableBackend string = 'scheduler'

@description('Optional. Capacity units of the scheduler: 0 is billed by action, 3 outlive the loss of a zone.')
@minValue(0)
@maxValue(3)
param schedulerCapacity int = 0

@description('Optional. Whether storage, plan and stream outlive the loss of a zone.')
param zoneRedundant bool = false

@description('Optional. Whether storage, vault and scheduler can be reached from a virtual network alone.')
param privateNetworking bool = false

@description('Optional. Whether only trusted Microsoft services and private endpoints reach the stream. Try first whether Defender is one of them.')
param streamFirewall bool = false

@description('Optional. The other tables of Defender: no hub for them, a hub apart from alerts, or one that is captured to storage.')
@allowed(['none', 'hub', 'captured'])
param telemetry string = 'none'

@description('Optional. Instances kept ready for playbooks, and as many for the stream; 0 for none. With zones at least 2.')
@minValue(0)
param alwaysReady int = 0

@description('Optional. The most instances of each group of functions.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Optional. Memory of an instance in MB.')
param instanceMemoryMB 512 | 2048 | 4096 = 2048

@description('Optional. Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Optional. GB a day above which no more logs are taken until the next day; -1 for no limit.')
param dailyLogCapGb int = -1

@description('Optional. Days in which nobody can change or remove a piece of evidence or its record.')
@minValue(1)
param evidenceKeepDays int = 365

@description('Optional. Mail addresses of who is told when something is wrong.')
param alertEmails string[] = []

@description('Optional. The existing storage account that Defender exports to, where alerts are read from one.')
param exportAccount { name: string, resourceGroup: string }?

@description('Optional. App settings to be other than their defaults.')
param settings choices = {}

@description('Optional. App settings that hold a secret, each with the name of the secret in the vault.')
param vaultSettings fromVault = {}

@description('Optional. App settings NOTIFY_* of config/notifications.yaml, each with the name of the secret in the vault.')
param channelSettings channels = {}

@description('Optional. Further tags of every resource that takes them.')
param tags tagsByName = {}

@description('What is part of every name.')
var ending = '${workload}-${environmentName}-${suffix}'

@description('Makes names unique in the world.')
var suffix = take(uniqueString(resourceGroup().id, workload, environmentName), 7)

@description('Names that several modules have to know.')
var names = {
  storage: 'st${suffix}app'
  evidence: 'st${suffix}evidence'
  stream: 'evhns-${ending}'
  scheduler: 'dts-${ending}'
  vault: 'kv-${suffix}-${take(environmentName, 12)}'
  network: 'vnet-${ending}'
}

@description('What every resource has in common.')
var at placement = {
  location: location
  tags: union(tags, { workload: workload, environment: environmentName, 'azd-env-name': environmentName })
}

@description('Tables of functions/connect.ts; a test compares.')
var tableNames = [
  'alerts'
  'approvals'
  'audit'
  'cases'
  'decisions'
  'exportcursors'
  'leases'
  'machines'
  'notifications'
  'pending'
  'policy'
  'pollmarks'
  'snoozes'
  'tickets'
  'undo'
  'watches'
]

@description('Whether runs are kept in a Durable Task Scheduler.')
var usesScheduler = durableBackend == 'scheduler'

@description('What the app reaches over private endpoints, and the name each has there.')
var reached = concat(
  map(['blob', 'queue', 'table'], part => {
    name: part
    groupId: part
    targetId: resourceId('Microsoft.Storage/storageAccounts', names.storage)
    zoneName: 'privatelink.${part}.${environment().suffixes.storage}'
  }),
  [
    {
      name: 'evidence'
      groupId: 'blob'
      targetId: resourceId('Microsoft.Storage/storageAccounts', names.evidence)
      zoneName: 'privatelink.blob.${environment().suffixes.storage}'
    }
    {
      name: 'vault'
      groupId: 'vault'
      targetId: resourceId('Microsoft.KeyVault/vaults', names.vault)
      zoneName: 'privatelink.vaultcore.azure.net'
    }
    {
      name: 'stream'
      groupId: 'namespace'
      targetId: resourceId('Microsoft.EventHub/namespaces', names.stream)
      zoneName: 'privatelink.servicebus.windows.net'
    }
  ],
  usesScheduler
    ? [
        {
          name: 'scheduler'
          groupId: 'scheduler'
          targetId: resourceId('Microsoft.DurableTask/schedulers', names.scheduler)
          zoneName: 'privatelink.durabletask.io'
        }
      ]
    : []
)

// The one identity the app acts as: storage, stream, scheduler, telemetry, vault, Defender and Graph.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${ending}'
  location: at.location
  tags: at.tags
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    workspaceName: 'log-${ending}'
    componentName: 'appi-${ending}'
    at: at
    identityName: identity.name
    retentionDays: logRetentionDays
    dailyCapGb: dailyLogCapGb
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    name: names.storage
    at: at
    identityName: identity.name
    tableNames: tableNames
    keepsRuns: !usesScheduler
    isPrivate: privateNetworking
    zoneRedundant: zoneRedundant
    workspaceId: monitoring.outputs.workspaceId
  }
}

module evidence 'modules/evidence.bicep' = {
  params: {
    name: names.evidence
    at: at
    identityName: identity.name
    keepDays: evidenceKeepDays
    isPrivate: privateNetworking
    zoneRedundant: zoneRedundant
    workspaceId: monitoring.outputs.workspaceId
  }
}

module stream 'modules/stream.bicep' = {
  params: {
    name: names.stream
    at: at
    identityName: identity.name
    zoneRedundant: zoneRedundant
    workspaceId: monitoring.outputs.workspaceId
    hasTelemetryHub: telemetry != 'none'
    captureAccountName: telemetry == 'captured' ? names.evidence : null
    hasFirewall: streamFirewall
  }
}

module scheduler 'modules/scheduler.bicep' = if (usesScheduler) {
  params: {
    name: names.scheduler
    taskHubName: 'DefenderPlaybooks'
    at: at
    identityName: identity.name
    isPrivate: privateNetworking
    capacityUnits: schedulerCapacity
  }
}

module vault 'modules/vault.bicep' = {
  params: {
    name: names.vault
    at: at
    identityName: identity.name
    isPrivate: privateNetworking
    workspaceId: monitoring.outputs.workspaceId
  }
}

module exportReader 'modules/export-reader.bicep' = if (exportAccount != null) {
  scope: resourceGroup(exportAccount.?resourceGroup ?? resourceGroup().name)
  params: { accountName: exportAccount.?name ?? 'none', identityName: identity.name }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  params: {
    name: names.network
    at: at
    zoneNames: map(filter(reached, part => part.name != 'evidence'), part => part.zoneName) // evidence is in the zone of blobs
  }
}

module endpoints 'modules/private-endpoint.bicep' = [
  for part in (privateNetworking ? reached : []): {
    params: {
      name: 'pep-${part.name}-${ending}'
      at: at
      subnetId: resourceId('Microsoft.Network/virtualNetworks/subnets', names.network, 'endpoints')
      targetId: part.targetId
      groupId: part.groupId
      zoneName: part.zoneName
    }
    dependsOn: [network, storage, evidence, vault, stream, scheduler]
  }
]

module app 'modules/app.bicep' = {
  params: {
    name: 'func-${ending}'
    planName: 'asp-${ending}'
    at: at
    identityName: identity.name
    nodeVersion: nodeVersion
    packageUrl: storage.outputs.packageUrl
    storage: storage.outputs.endpoints
    evidence: { url: evidence.outputs.blobUrl, keepDays: evidenceKeepDays }
    alertHub: stream.outputs.alertHub
    exportUrl: exportReader.?outputs.blobUrl
    schedulerEndpoint: scheduler.?outputs.endpoint
    telemetryConnectionString: monitoring.outputs.connectionString
    vaultUrl: vault.outputs.vaultUrl
    settings: settings
    vaultSettings: vaultSettings
    channelSettings: channelSettings
    subnetId: privateNetworking ? resourceId('Microsoft.Network/virtualNetworks/subnets', names.network, 'app') : null
    zoneRedundant: zoneRedundant
    alwaysReady: alwaysReady
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    workspaceId: monitoring.outputs.workspaceId
  }
  dependsOn: [endpoints]
}

module alerts 'modules/alerts.bicep' = {
  params: {
    name: 'ag-${ending}'
    at: at
    emails: alertEmails
    workspaceId: monitoring.outputs.workspaceId
    namespaceId: stream.outputs.namespaceId
    alertHubName: stream.outputs.alertHub.name
  }
}

module workbook 'modules/workbook.bicep' = {
  params: { at: at, workspaceId: monitoring.outputs.workspaceId }
}

@description('For deployments of the package.')
output APP_NAME string = app.outputs.appName

@description('Where people and Slack reach the app.')
output APP_URL string = app.outputs.address

@description('Which backend the package has to be made for.')
output DURABLE_BACKEND string = durableBackend

@description('Object id of the identity, which infra/scripts gives permissions in Defender and Graph.')
output IDENTITY_PRINCIPAL_ID string = identity.properties.principalId

@description('For the streaming setting in the Defender portal.')
output STREAM_NAMESPACE_ID string = stream.outputs.namespaceId

@description('For the streaming setting in the Defender portal.')
output ALERT_HUB string = stream.outputs.alertHub.name
