metadata name = 'Storage of the app'
metadata description = 'What the Functions host, Durable Functions and the app itself keep, and the package that is deployed.'

import { roleIds } from '../roles.bicep'
import { placement } from '../types.bicep'

@description('Required. Name of the storage account.')
@maxLength(24)
param name string

@description('Required. Where it is, and its tags.')
param at placement

@description('Required. Name of the existing identity that reads and writes.')
param identityName string

@description('Required. Names of the tables the app keeps.')
param tableNames string[]

@description('Required. Whether Durable Functions keep their runs here, which takes queues.')
param keepsRuns bool

@description('Required. Whether it can be reached over private endpoints alone.')
param isPrivate bool

@description('Required. Whether it outlives the loss of a zone.')
param zoneRedundant bool

@description('Required. Resource id of the workspace that diagnostic logs go to.')
param workspaceId string

@description('Optional. Days a dead letter is kept. A replay removes it earlier.')
@minValue(30)
param deadLetterDays int = 180

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

@description('The container the app puts what it cannot read.')
var deadLetterContainerName = 'dead-letters'

@description('What the identity may do. The host wants to own blobs, for leases and the package.')
var roles = concat(
  [roleIds.blobDataOwner, roleIds.tableDataContributor],
  keepsRuns ? [roleIds.queueDataContributor] : []
)

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: at.location
  tags: at.tags
  kind: 'StorageV2'
  sku: { name: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'None' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'packages'
  properties: { publicAccess: 'None' }
}

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: deadLetterContainerName
  properties: { publicAccess: 'None' }
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'forget-dead-letters'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${deadLetterContainerName}/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: deadLetterDays } } }
          }
        }
      ]
    }
  }
  dependsOn: [blobs]
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [
  for tableName in tableNames: {
    parent: tableService
    name: tableName
  }
]

resource rights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roles: {
    scope: account
    name: guid(account.id, identity.id, role)
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

@description('Only what is removed is logged: the host reads and writes all day.')
var removals = [{ category: 'StorageDelete', enabled: true }]

resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: blobs
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: removals, metrics: [{ category: 'Transaction', enabled: true }] }
}

resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: queues
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, metrics: [{ category: 'Transaction', enabled: true }] }
}

resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: tableService
  name: 'to-workspace'
  properties: { workspaceId: workspaceId, logs: removals, metrics: [{ category: 'Transaction', enabled: true }] }
}

@description('For the app settings AzureWebJobsStorage__*.')
output endpoints { blob: string, queue: string, table: string } = {
  blob: account.properties.primaryEndpoints.blob
  queue: account.properties.primaryEndpoints.queue
  table: account.properties.primaryEndpoints.table
}

@description('Where the deployed package is kept.')
output packageUrl string = '${account.properties.primaryEndpoints.blob}${packages.name}'
