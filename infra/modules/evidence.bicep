metadata name = 'Evidence'
metadata description = 'The account that collected evidence is kept in, unchangeable for a time, and the right to add to it.'

import { roleIds } from '../roles.bicep'
import { placement } from '../types.bicep'

@description('Required. Name of the storage account.')
@maxLength(24)
param name string

@description('Required. Where it is, and its tags.')
param at placement

@description('Required. Name of the existing identity that adds evidence.')
param identityName string

@description('Required. Days in which nobody can change or remove a piece of evidence or its record.')
@minValue(1)
param keepDays int

@description('Required. Whether it can be reached over private endpoints alone.')
param isPrivate bool

@description('Required. Whether it outlives the loss of a zone.')
param zoneRedundant bool

@description('Required. Resource id of the workspace that diagnostic logs go to.')
param workspaceId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

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
    allowedCopyScope: 'AAD'
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    encryption: { keySource: 'Microsoft.Storage', requireInfrastructureEncryption: true }
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'None' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true // immutability is that of versions
    deleteRetentionPolicy: { enabled: true, days: 30 }
    containerDeleteRetentionPolicy: { enabled: true, days: 30 }
  }
}

resource evidence 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'evidence'
  properties: { publicAccess: 'None', immutableStorageWithVersioning: { enabled: true } }
}

// Policies are made unlocked; infra/README.md says how to lock them, which nothing undoes.
resource immutability 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-06-01' = {
  parent: evidence
  name: 'default'
  properties: { immutabilityPeriodSinceCreationInDays: keepDays }
}

resource custody 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'evidence-custody'
  properties: { publicAccess: 'None' }
}

// Lines are added to a record, and none is changed.
resource onlyAdded 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-06-01' = {
  parent: custody
  name: 'default'
  properties: { immutabilityPeriodSinceCreationInDays: keepDays, allowProtectedAppendWrites: true }
}

// The app itself removes what is past its time, and says so in the record.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'age-evidence'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${evidence.name}/'] }
            actions: { baseBlob: { tierToCool: { daysAfterModificationGreaterThan: 30 } } }
          }
        }
      ]
    }
  }
}

// Only who owns blobs may set until when one is immutable.
resource owner 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: evidence
  name: guid(evidence.id, identity.id, roleIds.blobDataOwner)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.blobDataOwner)
  }
}

resource recorder 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: custody
  name: guid(custody.id, identity.id, roleIds.blobDataContributor)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.blobDataContributor)
  }
}

// Who has read evidence matters as much as who has removed it.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: blobs
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

@description('For the app setting EVIDENCE_ACCOUNT_URL.')
output blobUrl string = account.properties.primaryEndpoints.blob
