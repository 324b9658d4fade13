using './main.bicep'

// The cheapest that works: billed by use alone, logs capped.
param environmentName = 'dev'
param dailyLogCapGb = 1
param logRetentionDays = 30
param evidenceKeepDays = 7
