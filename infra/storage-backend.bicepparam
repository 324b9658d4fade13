using './main.bicep'

// For a region without Durable Task Scheduler: runs are kept in storage, and everything else there is switched on.
param environmentName = 'storage'
param durableBackend = 'storage'
param nodeVersion = '24'
param privateNetworking = true
param telemetry = 'captured'
param exportAccount = { name: 'defenderexport', resourceGroup: 'security-export' }
param settings = { TICKET_SYSTEM: 'jira', TICKET_URL: 'https://example.atlassian.net', ALERT_POLL: 'fill-gaps' }
param vaultSettings = { TICKET_SECRET: 'ticket-token', APPROVAL_SLACK_SIGNING_SECRET: 'slack-signing-secret' }
param channelSettings = { TEAMS_SOC_URL: 'teams-soc-url' }
