metadata name = 'Reader of the export'
metadata description = 'The right to read the account that Defender exports to.'

import { roleIds } from '../roles.bicep'

@description('Required. Name of the existing storage account.')
param accountName string

@description('Required. Name of the existing identity that reads alerts.')
param identityName string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, identity.id, roleIds.blobDataReader)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.blobDataReader)
  }
}

@description('For the app setting ALERT_EXPORT_ACCOUNT_URL.')
output blobUrl string = account.properties.primaryEndpoints.blob
