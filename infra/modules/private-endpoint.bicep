metadata name = 'Private endpoint'
metadata description = 'An address of one resource in the virtual network, under the name it has outside.'

import { placement } from '../types.bicep'

@description('Required. Name of the endpoint.')
param name string

@description('Required. Where it is, and its tags.')
param at placement

@description('Required. The subnet it has its address in.')
param subnetId string

@description('Required. Resource id of what is reached.')
param targetId string

@description('Required. Which part of it.')
param groupId string

@description('Required. Name of the existing private DNS zone of such parts.')
param zoneName string

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: zoneName
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: at.location
  tags: at.tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: name, properties: { privateLinkServiceId: targetId, groupIds: [groupId] } }
    ]
  }
}

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = {
  parent: endpoint
  name: 'default'
  properties: { privateDnsZoneConfigs: [{ name: groupId, properties: { privateDnsZoneId: zone.id } }] }
}
