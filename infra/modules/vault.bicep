metadata name = 'Vault'
metadata description = 'Key Vault for the few secrets of others (ticket system, Slack), and the right to read them.'

import { roleIds } from '../roles.bicep'
import { placement } from '../types.bicep'

@description('Required. Name of the vault.')
@maxLength(24)
param name string

@description('Required. Where it is, and its tags.')
param at placement

@description('Required. Name of the existing identity that reads secrets.')
param identityName string

@description('Required. Whether it can be reached over private endpoints alone.')
param isPrivate bool

@description('Required. Resource id of the workspace that diagnostic logs go to.')
param workspaceId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: at.location
  tags: at.tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'None' }
  }
}

// On the vault, as its secrets are put there by hand after it was made.
resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, roleIds.keyVaultSecretsUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.keyVaultSecretsUser)
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('For references to secrets in app settings.')
output vaultUrl string = vault.properties.vaultUri
