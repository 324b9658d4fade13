metadata name = 'Workbook'
metadata description = 'What operators look at: runs, containments, questions, intake.'

import { placement } from '../types.bicep'

@description('Required. Where it is, and its tags.')
param at placement

@description('Required. Resource id of the workspace that the app logs to.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'playbooks')
  location: at.location
  tags: at.tags
  kind: 'shared'
  properties: {
    displayName: 'Defender playbooks'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: loadTextContent('../workbook.json')
  }
}
