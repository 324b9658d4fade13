import { expect, test } from "vitest";
import { readConfig } from "../../shared/config.ts";
import { parseConfig } from "../../shared/config-file.ts";
import { Policy } from "../../shared/policy/policy.ts";

const complete = {
  AzureWebJobsStorage: "UseDevelopmentStorage=true",
  AlertEventHub: "Endpoint=sb://x",
  ALERT_EVENT_HUB_NAME: "alerts",
};

test("fills in what has a sensible default", () => {
  expect(readConfig(complete)).toMatchObject({
    alerts: { consumerGroup: "$Default", maxAgeMs: 86_400_000, settleSeconds: 30 },
    services: {
      defender: {
        apiUrl: "https://api.security.microsoft.com",
        scope: "https://api.securitycenter.microsoft.com/.default",
      },
    },
    identity: { kind: "default", authorityHost: "https://login.microsoftonline.com" },
  });
});

test("keeps evidence without end, up to 3 GB a piece, unless told otherwise", () => {
  expect(readConfig(complete).evidence).toMatchObject({
    retentionDays: undefined,
    atMostBytes: 3 * 1024 ** 3,
    policyMode: "Unlocked",
    storedBy: "app defender-playbooks",
  });
  const settings = { EVIDENCE_RETENTION_DAYS: "365", EVIDENCE_MAX_MB: "100", EVIDENCE_IMMUTABILITY: "locked" };
  expect(readConfig({ ...complete, ...settings, AZURE_CLIENT_ID: "1234" }).evidence).toMatchObject({
    retentionDays: 365,
    atMostBytes: 100 * 1024 ** 2,
    advice: expect.stringContaining("EVIDENCE_MAX_MB is 100"),
    policyMode: "Locked",
    storedBy: "app 1234",
  });
  expect(() => readConfig({ ...complete, EVIDENCE_RETENTION_DAY: "1" })).toThrow("EVIDENCE_RETENTION_DAY: is not a");
});

test("acts on alerts of its own tenant alone, unless told which, or any", () => {
  const tenants = (settings: object) => readConfig({ ...complete, ...settings }).alerts.tenants;

  expect(tenants({})).toBeUndefined();
  expect(tenants({ DEFENDER_TENANT_ID: "T-1" })).toEqual(new Set(["t-1"]));
  expect(tenants({ DEFENDER_TENANT_ID: "T-1", ALERT_TENANTS: "t-2, T-3" })).toEqual(new Set(["t-2", "t-3"]));
  expect(tenants({ DEFENDER_TENANT_ID: "T-1", ALERT_TENANTS: "*" })).toBeUndefined();
});

test("names every missing, malformed and unknown setting in one message", () => {
  const bad = { DEFENDER_API_URL: "not a url", DEFENDER_APIURL: "x", ALERT_SETTLE_SECONDS: "soon", PATH: "/bin" };

  expect(() => readConfig(bad)).toThrowError(
    expect.objectContaining({
      message: expect.stringMatching(
        /ALERT_EVENT_HUB_NAME: is not set[\s\S]*ALERT_SETTLE_SECONDS[\s\S]*DEFENDER_API_URL[\s\S]*DEFENDER_APIURL: is not a setting of this app; DEFENDER_API_URL is[\s\S]*AzureWebJobsStorage/,
      ),
    }),
  );
});

test("says in which line and column a configuration file is wrong", () => {
  expect(() => parseConfig("criticalAssets:\n  tags: [a\n", "policy.yaml", Policy)).toThrow(/^policy\.yaml:\d+:\d+: /);
  expect(() => parseConfig("criticalAssets:\n  tags:\n    - 5\n", "policy.yaml", Policy)).toThrow(
    /^policy\.yaml:3:7: criticalAssets\.tags\.0/,
  );
  expect(() => parseConfig("criticalAsets: {}\n", "policy.yaml", Policy)).toThrow(/criticalAsets/);
});

test("takes the settings of a managed identity, and a blank setting as one that is not set", () => {
  const config = readConfig({
    AlertEventHub__fullyQualifiedNamespace: "contoso.servicebus.windows.net",
    AlertEventHub__credential: "managedidentity",
    AlertEventHub__clientId: "6f2d1c34-58be-4b0e-a4d9-3c1f7e9b2a55",
    AzureWebJobsStorage__blobServiceUri: "https://contoso.blob.core.windows.net",
    AzureWebJobsStorage__tableServiceUri: "https://contoso.table.core.windows.net",
    ALERT_EVENT_HUB_NAME: "alerts",
    ALERT_MAX_AGE_HOURS: "",
  });

  expect(config).toMatchObject({
    storage: { blobUrl: "https://contoso.blob.core.windows.net", tableUrl: "https://contoso.table.core.windows.net" },
    alerts: { maxAgeMs: 86_400_000 },
  });
});

test("refuses a device name where the policy lists machine ids, as it would never match", () => {
  const byName = "criticalAssets:\n  machineIds: [dc-01.contoso.example]\n";

  expect(() => parseConfig(byName, "policy.yaml", Policy)).toThrow(/a machine id is 40/);
});

test("takes hosts and scopes from the cloud and the geography, and an operator's own over both", () => {
  const settings = {
    ...complete,
    DEFENDER_GEO: "eu",
    XDR_API_URL: "https://gateway.example",
    GRAPH_TOKEN_SCOPE: "x/y",
  };
  const { defender, xdr, graph } = readConfig(settings).services;

  expect(defender.apiUrl).toBe("https://eu.api.security.microsoft.com");
  expect(xdr).toEqual({ apiUrl: "https://gateway.example", scope: "https://api.security.microsoft.com/.default" });
  expect(graph).toEqual({ apiUrl: "https://graph.microsoft.com", scope: "x/y" });
});

test.each(["gcc", "gcc-high", "dod"])("names a geography as wrong in the government cloud %s", (cloud) => {
  const settings = { ...complete, DEFENDER_CLOUD: cloud, DEFENDER_GEO: "us" };

  expect(() => readConfig(settings)).toThrow(/DEFENDER_GEO: only the commercial cloud has geographies/);
});

test("names a misspelt setting of Graph and of Defender XDR, and leaves other programs' settings alone", () => {
  const settings = { ...complete, GRAPH_APIURL: "x", XDR_TOKENSCOPE: "x", GRAPH_NODES: "x", XDR_AGENT: "x" };

  expect(() => readConfig(settings)).toThrow(
    /cannot be used\. *\n {2}GRAPH_APIURL: .*GRAPH_API_URL is\n {2}XDR_TOKENSCOPE: .*XDR_TOKEN_SCOPE is$/,
  );
});

test.each([
  ["secret", ["DEFENDER_TENANT_ID", "DEFENDER_CLIENT_ID", "DEFENDER_CLIENT_SECRET"]],
  ["certificate", ["DEFENDER_TENANT_ID", "DEFENDER_CLIENT_ID", "DEFENDER_CERTIFICATE_PATH"]],
  ["federated", ["DEFENDER_TENANT_ID", "DEFENDER_CLIENT_ID", "AZURE_CLIENT_ID"]],
])("names everything that a %s identity lacks", (kind, names) => {
  const problems = problemsOf({ ...complete, DEFENDER_IDENTITY: kind });

  expect(problems).toHaveLength(names.length);
  for (const name of names) expect(problems).toContainEqual(expect.stringMatching(`^${name}\\b.* is not set`));
});

test.each(["default", "managed-identity"])("needs nothing for the identity %s", (kind) => {
  expect(problemsOf({ ...complete, DEFENDER_IDENTITY: kind })).toEqual([]);
});

test("takes the usual names of Azure's libraries where ours are not set", () => {
  const settings = {
    ...complete,
    DEFENDER_IDENTITY: "certificate",
    DEFENDER_TENANT_ID: "defended",
    AZURE_TENANT_ID: "own",
    AZURE_CLIENT_ID: "app",
    AZURE_CLIENT_CERTIFICATE_PATH: "/app.pem",
  };

  expect(readConfig(settings).identity).toMatchObject({
    tenantId: "defended",
    clientId: "app",
    certificatePath: "/app.pem",
  });
});

test("keeps the managed identity and the app registration that trusts it apart", () => {
  const names = { DEFENDER_TENANT_ID: "defended", DEFENDER_CLIENT_ID: "app", AZURE_CLIENT_ID: "managed" };
  const settings = { ...complete, ...names, DEFENDER_IDENTITY: "federated", DEFENDER_CLOUD: "gcc-high" };

  expect(readConfig(settings).identity).toEqual({
    kind: "federated",
    authorityHost: "https://login.microsoftonline.us",
    tenantId: "defended",
    clientId: "app",
    managedIdentityClientId: "managed",
    tokenExchangeAudience: "api://AzureADTokenExchangeUSGov",
  });
});

test("says that a secret would not be used, without showing it", () => {
  const settings = { ...complete, DEFENDER_CLIENT_SECRET: "s3cret-value", DEFENDER_IDENTITY: "managed-identity" };
  const problems = problemsOf({ ...settings, AZURE_CLIENT_SECRET: "s3cret-value" });

  expect(problems).toEqual([
    expect.stringMatching(/^DEFENDER_CLIENT_SECRET: is used only if DEFENDER_IDENTITY is secret/),
  ]);
  expect(problems.join()).not.toContain("s3cret-value");
});

/** The lines of the one error that names all problems. */
function problemsOf(settings: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(settings);
    return [];
  } catch (error) {
    return String(error)
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
}

test("reads no export and polls nothing unless told to", () => {
  expect(readConfig(complete).sources).toEqual({ stream: true, exportAccount: undefined, poll: undefined });
});

test("reads the export of an account, by a connection string or by its address", () => {
  const account = (settings: object) => readConfig({ ...complete, ...settings }).sources.exportAccount;

  expect(account({ ALERT_EXPORT_CONNECTION: "UseDevelopmentStorage=true" })).toMatchObject({
    connectionString: "UseDevelopmentStorage=true",
    lookBackHours: 48,
  });
  expect(account({ ALERT_EXPORT_ACCOUNT_URL: "https://export.blob.core.windows.net" })).toMatchObject({
    blobUrl: "https://export.blob.core.windows.net",
  });
});

test("needs no event hub where alerts come from the API alone", () => {
  const { AzureWebJobsStorage } = complete;

  expect(readConfig({ AzureWebJobsStorage, ALERT_POLL: "only" }).sources).toMatchObject({
    stream: false,
    poll: { overlapMinutes: 10 },
  });
  expect(() => readConfig({ AzureWebJobsStorage, ALERT_POLL: "fill-gaps" })).toThrowError(/ALERT_EVENT_HUB_NAME/);
});

test("tokens of people are those of the tenant, made out to the app's own registration; without one none is taken", () => {
  const { approvals } = readConfig({ ...complete, AZURE_TENANT_ID: "T-1", ENTRA_AUDIENCE: "api://playbooks" });
  expect(approvals.tokens).toEqual({
    tenantId: "t-1",
    audience: "api://playbooks",
    issuer: "https://login.microsoftonline.com/t-1/v2.0",
    keysUrl: "https://login.microsoftonline.com/t-1/discovery/v2.0/keys",
  });
  expect(readConfig({ ...complete, AZURE_TENANT_ID: "T-1" }).approvals.tokens).toBeUndefined();
  expect(() => readConfig({ ...complete, ENTRA_AUDIENCE: "api://playbooks" })).toThrow(
    /ENTRA_AUDIENCE: .*AZURE_TENANT_ID/,
  );
});

test("people reach the app where it says, else at the name Azure gives it", () => {
  const urlOf = (settings: object) => readConfig({ ...complete, ...settings }).approvals.publicUrl;
  expect(urlOf({ WEBSITE_HOSTNAME: "pb.azurewebsites.net" })).toBe("https://pb.azurewebsites.net");
  expect(urlOf({ WEBSITE_HOSTNAME: "127.0.0.1:7071" })).toBe("http://127.0.0.1:7071");
  const APPROVAL_PUBLIC_URL = "https://playbooks.example";
  expect(urlOf({ WEBSITE_HOSTNAME: "pb.azurewebsites.net", APPROVAL_PUBLIC_URL })).toBe(APPROVAL_PUBLIC_URL);
  expect(urlOf({})).toBeUndefined();
});
