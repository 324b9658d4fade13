using './main.bicep'

// Outlives the loss of a zone, and keeps what it stores out of the internet.
param environmentName = 'prod'
param zoneRedundant = true
param privateNetworking = true
param schedulerCapacity = 3
param alwaysReady = 2
param telemetry = 'hub'
param logRetentionDays = 365
param evidenceKeepDays = 730
param alertEmails = [readEnvironmentVariable('ALERT_EMAIL', 'soc@example.com')]
