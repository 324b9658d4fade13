metadata name = 'Alert rules'
metadata description = 'Who is told when runs fail, alerts are not taken in, or the stream stands still.'

import { placement } from '../types.bicep'

@description('Required. Name of the action group; rules are named after it.')
param name string

@description('Required. Where the rules are, and their tags.')
param at placement

@description('Required. Mail addresses of who is told; may be empty.')
param emails string[]

@description('Required. Resource id of the workspace that the app logs to.')
param workspaceId string

@description('Required. Resource id of the Event Hubs namespace.')
param namespaceId string

@description('Required. Name of the hub of alerts.')
param alertHubName string

@description('Rules over what the app logs. A test compares what is quoted here with it.')
var logRules = [
  {
    name: 'failed-runs'
    says: 'A run ended with an error. Look at it with GET /api/runs/{runId}.'
    severity: 2
    query: 'AppTraces | where Message startswith "run failed"'
  }
  {
    name: 'lease-release-failed'
    says: 'A device should be back on the network by now and is not. Release it in the Defender portal if this goes on.'
    severity: 1
    query: 'AppTraces | where Message startswith "run goes on" and Message has "The isolation should have ended"'
  }
  {
    name: 'circuit-breaker-open'
    says: 'Steps are refused, as too many containments went wrong. Find out why, then POST /api/circuit-breaker/close.'
    severity: 1
    query: 'AppTraces | where Message startswith "step ended" and Message has "CircuitBreakerOpen"'
  }
  {
    name: 'kill-switch-on'
    says: 'Somebody turned the kill switch on: nothing is contained until it is turned off.'
    severity: 1
    query: 'AppTraces | where Message startswith "kill switch turned on"'
  }
  {
    name: 'dead-letters'
    says: 'Alerts could not be read and are dead letters now. npm run dead-letters -- list shows them.'
    severity: 2
    query: 'AppTraces | where Message startswith "alerts taken in" | where toint(parse_json(substring(Message, indexof(Message, "{"))).rejected) > 0'
  }
  {
    name: 'intake-failing'
    says: 'Alerts are read and cannot be taken in; they are tried again. Storage or Durable Functions fail.'
    severity: 1
    query: 'AppTraces | where Message startswith "part of a batch of alerts could not be taken in"'
  }
  {
    name: 'configuration-refused'
    says: 'The policy or the automation rules in the package cannot be used; those before stay in force.'
    severity: 2
    query: 'AppTraces | where Message has "policy not used" or Message has "automation rules not used"'
  }
]

@description('Only what goes through the hub of alerts.')
var ofAlertHub = [{ name: 'EntityName', operator: 'Include', values: [alertHubName] }]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: at.tags
  properties: {
    groupShortName: 'playbooks'
    enabled: true
    emailReceivers: [for email in emails: { name: email, emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource ofLogs 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in logRules: {
    name: '${name}-${rule.name}'
    location: at.location
    tags: at.tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Playbooks: ${replace(rule.name, '-', ' ')}'
      description: rule.says
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT10M' // logs come a few minutes late
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      skipQueryValidation: true // AppTraces is not there before the first line
      actions: { actionGroups: [group.id] }
    }
  }
]

resource stalled 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-stream-stalled'
  location: 'global'
  tags: at.tags
  properties: {
    description: 'Defender sends alerts and the app reads none of them. Is it running, and may it read the hub?'
    severity: 1
    enabled: true
    scopes: [namespaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'comes-in'
          metricName: 'IncomingMessages'
          metricNamespace: 'Microsoft.EventHub/namespaces'
          dimensions: ofAlertHub
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Total'
        }
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'not-read'
          metricName: 'OutgoingMessages'
          metricNamespace: 'Microsoft.EventHub/namespaces'
          dimensions: ofAlertHub
          operator: 'LessThan'
          threshold: 1
          timeAggregation: 'Total'
        }
      ]
    }
    autoMitigate: true
    actions: [{ actionGroupId: group.id }]
  }
}

resource silent 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-stream-silent'
  location: 'global'
  tags: at.tags
  properties: {
    description: 'Defender has sent no alert for a day. Is the streaming setting in its portal still there?'
    severity: 3
    enabled: true
    scopes: [namespaceId]
    evaluationFrequency: 'PT1H'
    windowSize: 'P1D'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'nothing-comes-in'
          metricName: 'IncomingMessages'
          metricNamespace: 'Microsoft.EventHub/namespaces'
          dimensions: ofAlertHub
          operator: 'LessThan'
          threshold: 1
          timeAggregation: 'Total'
        }
      ]
    }
    autoMitigate: true
    actions: [{ actionGroupId: group.id }]
  }
}
