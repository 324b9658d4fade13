metadata name = 'Scheduler'
metadata description = 'The Durable Task Scheduler that keeps runs, its task hub, and the right to use it.'

import { roleIds } from '../roles.bicep'
import { placement } from '../types.bicep'

@description('Required. Name of the scheduler.')
param name string

@description('Required. Name of the task hub, as host.json has it.')
param taskHubName string

@description('Required. Where it is, and its tags.')
param at placement

@description('Required. Name of the existing identity that runs playbooks.')
param identityName string

@description('Required. Whether it can be reached over private endpoints alone.')
param isPrivate bool

@description('Required. Capacity units: 0 is billed by action, 1 to 3 are fixed; 3 outlive the loss of a zone.')
@minValue(0)
@maxValue(3)
param capacityUnits int

@description('Optional. Days a run is kept once it has ended; at most 30 where it is billed by action.')
@minValue(1)
@maxValue(90)
param keepDays int = 30

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: name
  location: at.location
  tags: at.tags
  properties: {
    sku: capacityUnits == 0 ? { name: 'Consumption' } : { name: 'Dedicated', capacity: capacityUnits }
    ipAllowlist: isPrivate ? [] : ['0.0.0.0/0'] // any address; who has no role is refused all the same
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }
}

resource taskHub 'Microsoft.DurableTask/schedulers/taskHubs@2026-02-01' = {
  parent: scheduler
  name: taskHubName
}

resource retention 'Microsoft.DurableTask/schedulers/retentionPolicies@2026-02-01' = {
  parent: scheduler
  name: 'default'
  properties: {
    retentionPolicies: [
      for state in ['Completed', 'Failed', 'Terminated', 'Canceled']: {
        orchestrationState: state
        retentionPeriodInDays: keepDays
      }
    ]
  }
}

resource user 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: taskHub
  name: guid(taskHub.id, identity.id, roleIds.durableTaskDataContributor)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roleIds.durableTaskDataContributor
    )
  }
}

@description('For the app setting DURABLE_TASK_SCHEDULER_CONNECTION_STRING. Has no key.')
output endpoint string = scheduler.properties.endpoint
