metadata name = 'App settings'
metadata description = 'The settings of shared/config.ts that an operator may choose. A misspelt one does not compile.'

@export()
@sealed()
@description('Settings with a value; each left out has the default of shared/config.ts.')
type choices = {
  @description('Hours after which an alert is not acted on any more.')
  ALERT_MAX_AGE_HOURS: string?

  @description('Seconds to wait for the rest of an alert.')
  ALERT_SETTLE_SECONDS: string?

  @description('Tenants whose alerts are acted on, with commas; * for any.')
  ALERT_TENANTS: string?

  @description('Whether alerts are read from the API too: off, fill-gaps or only.')
  ALERT_POLL: string?

  @description('Minutes a poll goes back behind the last.')
  ALERT_POLL_OVERLAP_MINUTES: string?

  @description('Hours after which blobs of the export are not looked at again.')
  ALERT_EXPORT_LOOK_BACK_HOURS: string?

  @description('Microsoft\'s cloud: commercial, gcc, gcc-high or dod.')
  DEFENDER_CLOUD: string?

  @description('Geography of the commercial cloud that is nearest.')
  DEFENDER_GEO: string?

  @description('Address of Defender for Endpoint, in place of that of the cloud.')
  DEFENDER_API_URL: string?

  @description('What its tokens are asked for.')
  DEFENDER_TOKEN_SCOPE: string?

  @description('Address of Defender XDR, in place of that of the cloud.')
  XDR_API_URL: string?

  @description('What its tokens are asked for.')
  XDR_TOKEN_SCOPE: string?

  @description('Address of Microsoft Graph, in place of that of the cloud.')
  GRAPH_API_URL: string?

  @description('What its tokens are asked for.')
  GRAPH_TOKEN_SCOPE: string?

  @description('Seconds after which a call to Defender is given up.')
  DEFENDER_TIMEOUT_SECONDS: string?

  @description('Share of Defender\'s call limits that this app may use.')
  DEFENDER_LIMIT_SCALE: string?

  @description('Who signs in to Defender: managed-identity if left out, or federated for another tenant.')
  DEFENDER_IDENTITY: string?

  @description('Tenant that is defended, where it is not that of the subscription.')
  DEFENDER_TENANT_ID: string?

  @description('App registration in that tenant, with a federated identity.')
  DEFENDER_CLIENT_ID: string?

  @description('Entra sign-in host, in place of that of the cloud.')
  AZURE_AUTHORITY_HOST: string?

  @description('Client id or address of the app\'s own registration; without it no token of a person is taken.')
  ENTRA_AUDIENCE: string?

  @description('Issuer of tokens, where it does not follow from the tenant.')
  ENTRA_ISSUER: string?

  @description('Keys of tokens, where they do not follow from the tenant.')
  ENTRA_JWKS_URL: string?

  @description('Where people reach the app, where that is not its own host name.')
  APPROVAL_PUBLIC_URL: string?

  @description('Where tickets are kept: in the app if left out.')
  TICKET_SYSTEM: string?

  @description('Address of the ticket system.')
  TICKET_URL: string?

  @description('Who signs in to it.')
  TICKET_USER: string?

  @description('Project, table or repository of tickets.')
  TICKET_PROJECT: string?

  @description('Group that tickets are assigned to.')
  TICKET_GROUP: string?

  @description('Type of tickets.')
  TICKET_TYPE: string?

  @description('Priorities by severity.')
  TICKET_PRIORITIES: string?

  @description('State of an open ticket.')
  TICKET_OPEN_STATE: string?

  @description('State of a closed ticket.')
  TICKET_CLOSED_STATE: string?

  @description('Megabytes a piece of evidence may have.')
  EVIDENCE_MAX_MB: string?

  @description('Whether the time a piece is kept can still be shortened: unlocked or locked.')
  EVIDENCE_IMMUTABILITY: string?

  @description('Days that runs and records are kept.')
  PLAYBOOKS_RUN_RETENTION_DAYS: string?
}

@export()
@sealed()
@description('Settings that hold a secret: the name of the secret in the vault, never the secret.')
type fromVault = {
  @description('Proves that an answer comes from Slack.')
  APPROVAL_SLACK_SIGNING_SECRET: string?

  @description('Password or token of the ticket system.')
  TICKET_SECRET: string?
}

@export()
@description('Settings of notification channels by their names without NOTIFY_: the name of the secret in the vault.')
type channels = {
  @description('Name of the secret.')
  *: string
}
