metadata name = 'Stream'
metadata description = 'The Event Hubs namespace that Defender streams to: alerts, read by the app, and other tables apart from them.'

import { roleIds } from '../roles.bicep'
import { placement } from '../types.bicep'

@description('Required. Name of the Event Hubs namespace.')
param name string

@description('Required. Where it is, and its tags.')
param at placement

@description('Required. Name of the existing identity that reads alerts.')
param identityName string

@description('Required. Whether it outlives the loss of a zone.')
param zoneRedundant bool

@description('Required. Resource id of the workspace that diagnostic logs go to.')
param workspaceId string

@description('Optional. Whether there is a hub for the other tables of Defender, so that they never hold up alerts.')
param hasTelemetryHub bool = false

@description('Optional. Name of the existing storage account that the telemetry hub is captured to; none if left out.')
param captureAccountName string?

@description('Optional. Whether only trusted Microsoft services and private endpoints reach it. Try first whether Defender is one of them.')
param hasFirewall bool = false

@description('Optional. Partitions of each hub: as many instances of the app can read it at once. Never to be made fewer.')
@minValue(2)
@maxValue(32)
param partitionCount int = 4

@description('Optional. Throughput units it may grow to.')
@minValue(1)
@maxValue(40)
param maximumThroughputUnits int = 4

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: name
  location: at.location
  tags: at.tags
  sku: { name: 'Standard', tier: 'Standard', capacity: 1 }
  identity: { type: 'SystemAssigned' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    isAutoInflateEnabled: maximumThroughputUnits > 1
    maximumThroughputUnits: maximumThroughputUnits > 1 ? maximumThroughputUnits : 0
    zoneRedundant: zoneRedundant
    kafkaEnabled: false
    publicNetworkAccess: 'Enabled' // Defender writes to it from outside
  }
}

resource firewall 'Microsoft.EventHub/namespaces/networkRuleSets@2024-01-01' = {
  parent: namespace
  name: 'default'
  properties: {
    publicNetworkAccess: 'Enabled'
    defaultAction: hasFirewall ? 'Deny' : 'Allow'
    trustedServiceAccessEnabled: hasFirewall
  }
}

resource alerts 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: 'defender-alerts'
  properties: {
    partitionCount: partitionCount
    retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: 168 }
  }
}

resource consumerGroup 'Microsoft.EventHub/namespaces/eventhubs/consumergroups@2024-01-01' = {
  parent: alerts
  name: 'playbooks'
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: alerts
  name: guid(alerts.id, identity.id, roleIds.eventHubsDataReceiver)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.eventHubsDataReceiver)
  }
}

module telemetry 'telemetry.bicep' = if (hasTelemetryHub) {
  params: { namespaceName: namespace.name, partitionCount: partitionCount, captureAccountName: captureAccountName }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: namespace
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('For private endpoints, alert rules and the streaming setting in the Defender portal.')
output namespaceId string = namespace.id

@description('For the app settings of the stream.')
output alertHub { fullyQualifiedNamespace: string, name: string, consumerGroup: string } = {
  fullyQualifiedNamespace: split(split(namespace.properties.serviceBusEndpoint, '//')[1], ':')[0]
  name: alerts.name
  consumerGroup: consumerGroup.name
}
