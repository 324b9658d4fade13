metadata name = 'Telemetry hub'
metadata description = 'The event hub of the tables that the app does not read, and their capture to storage where wanted.'

import { roleIds } from '../roles.bicep'

@description('Required. Name of the existing Event Hubs namespace.')
param namespaceName string

@description('Required. Partitions of the hub.')
param partitionCount int

@description('Optional. Name of the existing storage account that it is captured to; none if left out.')
param captureAccountName string?

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' existing = {
  name: namespaceName
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = if (captureAccountName != null) {
  name: captureAccountName ?? 'none'

  resource blobs 'blobServices' existing = {
    name: 'default'
  }
}

resource captures 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = if (captureAccountName != null) {
  parent: account::blobs
  name: 'telemetry'
  properties: { publicAccess: 'None' }
}

resource writer 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (captureAccountName != null) {
  scope: captures
  name: guid(captures.id, namespace.id, roleIds.blobDataContributor)
  properties: {
    principalId: namespace.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.blobDataContributor)
  }
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: 'defender-telemetry'
  properties: {
    partitionCount: partitionCount
    retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 24 }
    captureDescription: captureAccountName == null
      ? null
      : {
          enabled: true
          encoding: 'Avro'
          intervalInSeconds: 300
          sizeLimitInBytes: 314572800
          skipEmptyArchives: true
          destination: {
            name: 'EventHubArchive.AzureBlockBlob'
            identity: { type: 'SystemAssigned' }
            properties: {
              storageAccountResourceId: account.id
              blobContainer: captures.name
              archiveNameFormat: '{Namespace}/{EventHub}/{PartitionId}/{Year}/{Month}/{Day}/{Hour}/{Minute}/{Second}'
            }
          }
        }
  }
  dependsOn: [writer] // a hub whose capture may not write is refused
}
